"""Rounding noise: a noisy array computes what numpy computes, and its replicates spread as rounding does."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import overrides
from scipy.special import erf

from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.tolerance import FLOOR, MAGNIFICATION, explain, spread
from oracle.numbers.noise import Noise
from oracle.numbers.stochastic import NoisyArray, constant, noisy
from reference import vocabulary
from reference.backprop import gradients
from reference.scatter import scatter_add
from tests.oracle.planted import FAULTY, TORCH, case, hidden_zero, node
from tests.reference.example import Example
from tests.reference.examples import EXAMPLES
from tests.reference.test_ops import run

DTYPES = ("float32", "float64")
UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
BOTH = pytest.mark.parametrize("dtype", DTYPES)


def fresh(dtype: str = "float32", seed: int = 0) -> Noise:
    return Noise(dtype, 8, 8, seed, MAGNIFICATION[dtype])


def rows(x: Any, noise: Noise) -> Any:
    """All replicates; of an exact array they are equal."""
    return np.broadcast_to(x.data, (noise.rows, *x.shape))


def replicated(noise: Noise, *shape: int, seed: int = 0) -> NoisyArray:
    """An array whose replicates are far apart."""
    return NoisyArray(np.random.default_rng(seed).standard_normal((noise.rows, *shape)), noise)


# --- the vocabulary, and nothing else --------------------------------------------------------

WORDS = {np.__dict__[name] for name in vocabulary.OPERATORS.values()}
WORDS |= {np.__dict__[name] for name in vocabulary.FUNCTIONS if name not in ("erf", "scatter_add")}
BEYOND = {"minimum"}

USES: dict[str, Callable[[Any], Any]] = {
    "abs": lambda x: np.abs(x),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "concatenate": lambda x: np.concatenate([x, x], axis=1),
    "argmax": lambda x: np.argmax(x, axis=1) + np.argmax(x, axis=0, keepdims=True)[:, :1] + np.argmax(x),
    "erf": erf,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": lambda x: np.log(np.abs(x)),
    "log1p": lambda x: np.log1p(np.abs(x)),
    "max": lambda x: np.max(x, axis=1, keepdims=True),
    "maximum": lambda x: np.maximum(x, 0),
    "power": lambda x: np.power(np.abs(x), 0.3) + np.power(np.abs(x), x) + np.power(0.3, x),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "scatter_add": lambda x: scatter_add(scatter_add(x, np.array([2, 0, 2]), 4, 1), np.array([1, 1]), 2, 0),
    "sqrt": lambda x: np.sqrt(np.abs(x)),
    "sum": lambda x: np.sum(x, axis=0),
    "take": lambda x: np.take(x, np.array([[2, 0], [1, 1]]), axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[2], [0]]), axis=1),
    "tanh": np.tanh,
    "transpose": lambda x: np.transpose(np.reshape(x, (1, 2, 3)), (2, 0, -2)),
    "where": lambda x: np.where(np.array([True, False, True]), x, 0),
    "zeros_like": lambda x: np.zeros_like(x),
    "add": lambda x: (x + x) + 0.3 + (0.3 + x),
    "subtract": lambda x: (x - 0.3) - (0.3 - x),
    "multiply": lambda x: (x * x) * 0.3 * (0.3 * x),
    "true_divide": lambda x: (x / 0.3) / (0.3 / x),
    "matmul": lambda x: x @ x.T @ np.ones((2, 2)) + np.ones((2, 3)) @ x.T,
    "negative": lambda x: -x,
    "equal": lambda x: (x == 0) | (x == np.max(x, axis=1, keepdims=True)),
    "not_equal": lambda x: (x != 0) & (x != np.max(x)),
    "less": lambda x: (x < 0) | (x < -x),
    "less_equal": lambda x: (x <= 0) | (x <= -x),
    "greater": lambda x: (x > 0) | (x > -x),
    "greater_equal": lambda x: (x >= 0) | (x >= -x),
    "attributes": lambda x: x.mT[:, 1:] * (x.ndim * x.size * x.shape[0]),
}


def test_every_name_of_the_vocabulary_is_tried() -> None:
    assert {*USES} - {"attributes"} == {*vocabulary.FUNCTIONS, *vocabulary.OPERATORS.values()}


@BOTH
@pytest.mark.parametrize("name", USES)
def test_the_vocabulary_is_answered_and_the_first_row_is_numpys(dtype: str, name: str) -> None:
    noise = fresh(dtype)
    values = np.random.default_rng(1).standard_normal((2, 3))
    found, wanted = USES[name](constant(values, noise)), USES[name](values)
    assert found.shape == wanted.shape
    if isinstance(found, NoisyArray):
        np.testing.assert_array_equal(found.data[0], wanted)
        np.testing.assert_allclose(rows(found, noise), rows(constant(wanted, noise), noise), rtol=1e-4)
    else:
        np.testing.assert_array_equal(found, wanted)


def answered() -> set[Any]:
    """The functions and ufuncs of numpy to which a noisy array does not answer NotImplemented."""
    x, found = constant(np.ones((2, 2)), fresh()), set()
    for function in overrides.get_overridable_numpy_array_functions():
        try:
            if x.__array_function__(function, (NoisyArray,), (x,), {}) is NotImplemented:
                continue
        except (TypeError, AttributeError):  # it is answered, and needs more arguments
            pass
        found.add(function)
    for ufunc in overrides.get_overridable_numpy_ufuncs():
        if x.__array_ufunc__(ufunc, "__call__", *[x] * ufunc.nin) is not NotImplemented:
            found.add(ufunc)
    return found


def test_all_of_the_vocabulary_is_answered() -> None:
    assert answered() >= WORDS


def test_hardly_anything_else_is_answered() -> None:
    assert {function.__name__ for function in answered() - WORDS} <= BEYOND


REFUSED: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "int": int,
    "complex": complex,
    "math.exp": math.exp,
    "np.float64": np.float64,
    "asarray": np.asarray,
    "array": np.array,
    "array of several": lambda x: np.array([x, x]),
    "astype": lambda x: x.astype("float32"),
    "dtype=": lambda x: np.sum(x, dtype="float64"),
    "out=": lambda x: np.add(x, x, out=np.zeros(x.shape)),
    "where=": lambda x: np.add(x, x, where=True),
    "reduce": np.add.reduce,
    "at": lambda x: np.add.at(np.zeros((2, 2)), 0, x),
    "outer": lambda x: np.multiply.outer(x, x),
    "mean": np.mean,
    "std": np.std,
    "dot": lambda x: np.dot(x, x),
    "einsum": lambda x: np.einsum("ij->i", x),
    "power": lambda x: x**2,
    "floor division": lambda x: x // 2,
    "remainder": lambda x: x % 2,
    "sin": np.sin,
    "method sum": lambda x: x.sum(),
    "numpy array += noisy": lambda x: np.ones((2, 2)).__iadd__(x),
    "assignment into it": lambda x: x.__setitem__(0, 1.0),
    "assignment of it": lambda x: np.ones((2, 2)).__setitem__(slice(None), x),
    "assignment of an entry": lambda x: np.ones(2).__setitem__(0, x[0, 0]),
    "hash": hash,
    "index": lambda x: [1, 2][x],
    "formatting": lambda x: f"{x[0, 0]:.3f}",
}


@pytest.mark.parametrize("use", REFUSED)
def test_whatever_would_lose_the_replicates_raises(use: str) -> None:
    refusal = (TypeError, AttributeError, ValueError)
    with pytest.raises(refusal):
        REFUSED[use](constant(np.ones((2, 2)), fresh()))
    with pytest.raises(refusal):
        REFUSED[use](replicated(fresh(), 2, 2))


def test_truth_of_an_array_raises() -> None:
    with pytest.raises(TypeError):
        bool(constant(np.zeros((2, 2)), fresh()))


def test_adding_in_place_rebinds_and_leaves_the_operand_alone() -> None:
    x = y = replicated(fresh(), 3)
    before = x.data.copy()
    y += 1.0
    np.testing.assert_array_equal(x.data, before)
    assert y is not x


# --- rows follow numpy -----------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_op_computes_the_same_on_every_row_up_to_its_noise(example: Example) -> None:
    noise = Noise("float32", 8, 8, magnification=2.0**-14)  # so little that what is magnified stays small
    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    found = run(
        example.op,
        [constant(x, noise) if getattr(x, "dtype", None) == np.float64 else x for x in inputs],
        [constant(y_bar, noise) for y_bar in cotangents],
    )
    wanted = run(example.op, inputs, cotangents)
    for ours, theirs in zip((*found[0], *found[1]), (*wanted[0], *wanted[1]), strict=True):
        if theirs is not None:
            assert ours.shape == theirs.shape
            every = np.broadcast_to(theirs, (noise.rows, *theirs.shape))
            np.testing.assert_allclose(rows(ours, noise), every, rtol=1e-7, atol=2e-8)
            # BLAS and numpy's pairwise sums may take another order behind a leading axis
            np.testing.assert_allclose(ours.data[0], theirs, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_the_centre_is_the_reference_to_the_bit_where_nothing_is_contracted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = case(
        "float64",
        {"x": rng.standard_normal((3, 5)), "v": rng.standard_normal((3, 5))},
        {
            "a": node("multiply", "x", "v"),
            "b": node("softplus", "a", beta=1.7, threshold=1.0),
            "c": node("sigmoid", "b"),
            "d": node("add", "c", "x"),
            "e": node("concatenate", "d", "a", dim=1),
            "y": node("tanh", "e"),
            "z": node("relu", "d"),
        },
        {"y": rng.standard_normal((3, 10)), "z": rng.standard_normal((3, 5))},
    )
    plain = gradients(network.architecture, network.leaves, network.cotangents)
    centre = spread(network).centre
    for role, tensors in zip(("output", "gradient"), plain, strict=True):
        for name, array in tensors.items():
            np.testing.assert_array_equal(centre[role, name], array)


# --- what is exact ---------------------------------------------------------------------------

CHOICE = np.array([[True, False, True], [False, False, True]])
EXACT: dict[str, Callable[[Any], Any]] = {
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "transpose": lambda x: x.T,
    "mT": lambda x: x.mT,
    "slice": lambda x: x[1:, ::2],
    "negative": lambda x: -x,
    "abs": np.abs,
    "maximum": lambda x: np.maximum(x, 0),
    "max": lambda x: np.max(x, axis=-1),
    "where": lambda x: np.where(CHOICE, x, 0.375),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[2], [0]]), axis=1),
    "concatenate": lambda x: np.concatenate([x, -x], axis=0),
    "np.transpose": lambda x: np.transpose(x, (1, 0)),
    "take": lambda x: np.take(x, np.array([[2, 0], [1, 1]]), axis=1),
    "scatter_add of one term at most": lambda x: scatter_add(x, np.array([4, 0, 1]), 5, 1),
    "times 4": lambda x: 4 * x,
    "times a half": lambda x: x * 0.5,
    "over 1/1024": lambda x: x / 2.0**-10,
    "times −1": lambda x: -1.0 * x,
}


@BOTH
@pytest.mark.parametrize("name", EXACT)
def test_exact_operations_add_no_noise(dtype: str, name: str) -> None:
    noise = fresh(dtype)
    x = replicated(noise, 2, 3)
    found = EXACT[name](x)
    for row in range(noise.rows):
        np.testing.assert_array_equal(found.data[row], EXACT[name](x.data[row]))
    exact = EXACT[name](constant(x.data[0], noise))
    assert not np.ptp(rows(exact, noise), axis=0).any()


ROUNDED: dict[str, tuple[Callable[[Any], Any], float]] = {
    "add": (lambda x: x + 0.3, 1),
    "subtract": (lambda x: x - 0.3, 1),
    "multiply": (lambda x: x * 0.3, 1),
    "multiply by an array": (lambda x: x * np.full((2, 300), 4.0), 1),
    "divide": (lambda x: x / 0.3, 1),
    "power of two over x": (lambda x: 2 / x, 1),
    "times 0.75": (lambda x: 0.75 * x, 1),
    "sqrt": (lambda x: np.sqrt(x), 1),
    "exp": (np.exp, 2),
    "erf": (erf, 2),
    "expm1": (np.expm1, 2),
    "power": (lambda x: np.power(x, 1.5), 2),
    "log": (np.log, 2),
    "log1p": (np.log1p, 2),
    "tanh": (np.tanh, 2),
}


@BOTH
@pytest.mark.parametrize("name", ROUNDED)
def test_rounded_operations_are_off_by_up_to_so_many_units(dtype: str, name: str) -> None:
    operation, units = ROUNDED[name]
    noise = fresh(dtype)
    values = np.random.default_rng(2).uniform(1.5, 7, (2, 300))
    found = operation(constant(values, noise)).data
    np.testing.assert_array_equal(found[0], operation(values))
    relative = np.abs(found[1:] / found[0] - 1) / (units * noise.unit)
    assert relative.max() <= 1 + 1e-3
    for part in (relative[:8], relative[8:]):  # independent rows, hashed rows
        assert 0.45 < np.sqrt(np.mean(part**2)) * 3**0.5 / 1.0 < 1.55


def test_a_number_that_float32_has_not_is_rounded_where_it_becomes_an_entry() -> None:
    for dtype, spread_out in (("float32", True), ("float64", False)):
        noise = fresh(dtype)
        found = rows(np.where(CHOICE, constant(np.zeros((2, 3)), noise), 0.3), noise)
        assert (found[0] == np.where(CHOICE, 0, 0.3)).all()
        assert (np.ptp(found, axis=0) > 0).tolist() == (~CHOICE & spread_out).tolist()
        np.testing.assert_allclose(found, np.broadcast_to(found[0], found.shape), rtol=noise.unit)


@BOTH
def test_exact_zeros_stay_exact(dtype: str) -> None:
    noise = fresh(dtype)
    zeros = constant(np.zeros((3, 4)), noise)
    other = replicated(noise, 4, 2)
    for found in (zeros * 0.3, zeros + zeros, zeros @ other, np.sum(zeros, axis=0), np.tanh(zeros)):
        assert not rows(found, noise).any()


@BOTH
def test_counts_are_exact(dtype: str) -> None:
    noise = fresh(dtype)
    ones = np.where(CHOICE, 1, np.zeros_like(replicated(noise, 2, 3)))
    assert not np.ptp(rows(np.sum(ones, axis=1), noise), axis=0).any()
    assert np.ptp(rows(np.sum(ones / 3, axis=1), noise), axis=0).all()
    assert np.ptp(rows(np.sum(constant(np.full((2, 3), 2.0**24), noise), axis=1), noise), axis=0).all()


# --- how noise behaves -----------------------------------------------------------------------


@BOTH
def test_equal_values_get_equal_hashed_noise_and_unequal_independent_noise(dtype: str) -> None:
    noise = fresh(dtype)
    values = np.repeat(np.random.default_rng(3).standard_normal((1, 7)), 5, axis=0)
    for found in (
        np.exp(constant(values, noise)),
        constant(values, noise) * 0.3,
        constant(values, noise)
        @ constant(np.repeat(np.linspace(0.1, 2, 7)[:, np.newaxis], 3, axis=1), noise),
    ):
        same = found.data[1 + noise.independent :]
        assert not np.ptp(same, axis=1).any()
        assert np.ptp(found.data[1 : 1 + noise.independent], axis=1).all()
        assert np.ptp(same, axis=0).all()  # the rows differ from each other
    first, second = (np.tanh(constant(values, noise) * 0.7) for _ in range(2))
    middle = 1 + noise.independent
    np.testing.assert_array_equal(first.data[middle:], second.data[middle:])
    assert (first.data[1:middle] != second.data[1:middle]).any()


@pytest.mark.parametrize("entries", [3, 100, 5_000, 20_000, 32_768, 50_000])
def test_independent_noise_of_two_operations_and_of_two_rows_is_uncorrelated(entries: int) -> None:
    noise = fresh()
    errors = []
    for _ in range(max(4, 400 // entries)):
        data = noise.scale(np.ones((1, entries)), 1.0)
        errors.append((data[1 : 1 + noise.independent] - 1) / noise.unit)
    flat = np.array(errors)
    flat /= np.sqrt(np.mean(flat**2))
    bound = 6 / math.sqrt(flat[0].size * (len(flat) - 1))
    assert abs(np.mean(flat[1:] * flat[:-1])) < bound
    assert abs(np.mean(flat[:, 1:] * flat[:, :-1])) < 1.3 * bound


@BOTH
@pytest.mark.parametrize("operation", ["sum", "matmul"])
def test_rounding_of_a_contraction_grows_with_the_root_of_its_length(dtype: str, operation: str) -> None:
    relative = []
    for n in (64, 256, 1024, 4096):
        noise = fresh(dtype)
        values = np.random.default_rng(4).standard_normal((200, n))
        if operation == "sum":
            found = np.sum(constant(values, noise), axis=1)
        else:
            found = constant(values, noise) @ constant(np.random.default_rng(5).uniform(0.5, 1, n), noise)
        deviation = np.sqrt(np.mean((found.data[1:] - found.data[0]) ** 2))
        relative.append(deviation / noise.unit / math.sqrt(n))
    growth = np.array(relative[1:]) / relative[:-1]  # of the error over √n, for each fourfold length
    assert (growth > 1.4).all(), relative
    assert (growth < 2.8).all(), relative


@BOTH
def test_rows_that_are_added_where_they_were_taken_from_spread_like_sums(dtype: str) -> None:
    """Entries that are sums of the same terms: by an index, and along an axis."""
    noise, values = fresh(dtype), np.random.default_rng(4).standard_normal((40, 300))
    values[:, 200:] = values[0, 200:]  # terms that repeat
    x = constant(values, noise)
    scattered = scatter_add(x, np.repeat([1, 3], 20), 5, 0)
    for place, terms in ((1, x[:20]), (3, x[20:])):
        summed = np.sum(terms, axis=0)
        np.testing.assert_allclose(scattered.data[0, place], summed.data[0], rtol=1e-12, atol=1e-13)
        for part in (slice(0, 200), slice(200, 300)):
            spreads = [
                np.sqrt(np.mean((data[1:, part] - data[:1, part]) ** 2))
                for data in (scattered.data[:, place], summed.data)
            ]
            assert 0.9 < spreads[0] / spreads[1] < 1.1
    assert not scattered.data[:, [0, 2, 4]].any()


def test_repeated_terms_add_up_faster_than_different_ones() -> None:
    noise, n = fresh(), 2048
    mixed = np.random.default_rng(6).uniform(0.9, 1.1, (1, n))
    equal = np.full((1, n), 1.1)
    spreads = [np.std(np.sum(constant(x, noise), axis=1).data[1:]) / np.sum(x) for x in (mixed, equal)]
    assert spreads[1] > 4 * spreads[0]


@pytest.mark.parametrize("power", [-600, -200, 100, 600])
def test_noise_of_a_contraction_does_not_depend_on_the_scale(power: int) -> None:
    values = np.random.default_rng(7).standard_normal((5, 40))
    deviations = []
    for k in (0, power):
        x = constant(np.ldexp(values, k), fresh("float64"))
        found = [np.sum(x, axis=1), x @ np.linspace(0.3, 1.7, 40)]
        deviations.append([np.ldexp(y.data[1:9] - y.data[0], -k) for y in found])  # independent rows
    np.testing.assert_allclose(deviations[1], deviations[0], rtol=1e-3)


@pytest.mark.parametrize("index", [2, 5, 9, 14])
def test_float64_spreads_like_float32_scaled_by_the_unit(index: int) -> None:
    rng = np.random.default_rng(index)
    shapes = {"x": (4, 6), "w": (5, 6), "b": (5,), "v": (3, 5)}
    leaves = {name: rng.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}
    nodes = {
        "h": node("linear", "x", "w", "b"),
        "a": node("sigmoid", "h"),
        "o": node("linear", "a", "v"),
        "y": node("softmax", "o", dim=-1),
    }
    y_bar = {"y": rng.uniform(0.5, 1.5, (4, 3))}
    narrow, wide = (spread(case(dtype, leaves, nodes, y_bar)).deviation for dtype in DTYPES)
    for key, deviation in narrow.items():
        ratio = np.linalg.norm(wide[key]) / np.linalg.norm(deviation) * 2.0**29
        assert 0.5 < ratio < 2, (key, ratio)


@BOTH
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_infinity_and_nan_pass_through_and_stay_in_their_entries(dtype: str) -> None:
    noise = fresh(dtype)
    values = np.array([[np.inf, 1.3, -np.inf], [0.7, np.nan, -1.9]])
    x = constant(values, noise) * 1.1
    for operation in (
        lambda x: x + 0.3,
        lambda x: x * x,
        np.exp,
        np.tanh,
        lambda x: np.maximum(x, 0),
        lambda x: np.sum(x, axis=1),
        lambda x: np.sum(x, axis=0),
        lambda x: x @ np.array([[1.3, 0.7], [0.4, 1.9], [0.6, 0.3]]),
        lambda x: np.array([[1.3, 0.7], [0.4, 1.9], [0.6, 0.3]]) @ x,
        lambda x: 0.3 + (np.ones((2, 2)) * 0.7) @ x,
        lambda x: np.concatenate([x, x]),
    ):
        with np.errstate(all="ignore"):
            found, wanted = operation(x), operation(values * 1.1)
        for row in rows(found, noise):
            np.testing.assert_array_equal(np.isnan(row), np.isnan(wanted))
            np.testing.assert_array_equal(row[np.isinf(wanted)], wanted[np.isinf(wanted)])
            finite = np.isfinite(wanted)
            np.testing.assert_allclose(row[finite], wanted[finite], rtol=1e-4)


@BOTH
def test_underflow_may_cost_a_subnormal_and_never_makes_something_of_nothing(dtype: str) -> None:
    smallest = {"float32": 2.0**-149, "float64": 2.0**-1074}[dtype]
    noise = fresh(dtype)
    found = constant(np.array([3 * smallest, 0.0, 1.0]), noise) * 0.7
    deviation = (
        np.sqrt(np.mean((found.data[1:] - found.data[0]) ** 2, axis=0)) if dtype == "float32" else None
    )
    assert np.ptp(found.data[:, 0]) > 0
    assert not found.data[:, 1].any()
    assert deviation is None or 0.2 * smallest < deviation[0] < 2 * smallest


# --- decisions -------------------------------------------------------------------------------


@BOTH
def test_a_comparison_on_which_rounding_has_a_say_is_recorded_and_follows_the_first_row(dtype: str) -> None:
    noise = fresh(dtype)
    x = constant(np.array([[0.7, 1.0], [-0.9, 0.4]]), noise)
    zero = x * 0.3 - x * 0.3
    assert (zero > 1e-3).shape == (2, 2)
    assert noise.straddled == {}
    answer = zero > 0
    assert not answer.any()
    assert noise.straddled == {(1, entry): False for entry in range(4)}


@BOTH
def test_a_straddled_decision_can_be_forced_and_no_other(dtype: str) -> None:
    forced = Noise(dtype, 8, 8, 0, MAGNIFICATION[dtype], {(0, 1): True, (0, 2): True, (1, 0): True})
    x = constant(np.array([0.7, 1.0, 0.4]), forced)
    straddling = (x * 0.3 - x * 0.3) + constant(np.array([0.0, 0.0, -1.0]), forced)
    answer = straddling > 0
    assert answer.tolist() == [False, True, False]  # the third does not straddle
    assert forced.straddled == {(0, 0): False, (0, 1): True}


@BOTH
def test_the_first_rows_winner_wins_in_all_rows_unless_another_is_forced(dtype: str) -> None:
    def argmax(forced: dict[Any, bool]) -> tuple[Any, Noise]:
        noise = Noise(dtype, 8, 8, 0, MAGNIFICATION[dtype], forced)
        x = constant(np.array([[0.7, 0.1, 0.7], [1.0, 3.0, 2.0]]), noise)
        return np.argmax(x * 0.3, axis=1), noise

    winner, noise = argmax({})
    assert winner.tolist() == [0, 1]
    assert noise.straddled == {(0, 0): False, (0, 2): False}  # the winner of the first row, and its rival
    assert argmax({(0, 2): True})[0].tolist() == [2, 1]
    assert argmax({(0, 0): True})[0].tolist() == [0, 1]
    assert argmax({(0, 2): False, (0, 1): True})[0].tolist() == [0, 1]  # an entry far below cannot win


@BOTH
def test_an_entry_equals_the_maximum_that_it_was_chosen_as(dtype: str) -> None:
    noise = fresh(dtype)
    x = constant(np.array([[0.7, 0.1, 0.5], [1.0, 3.0, 2.0]]), noise) * 0.3
    assert (x == np.max(x, axis=1, keepdims=True)).tolist() == [[True, False, False], [False, True, False]]
    assert noise.straddled == {}


@BOTH
@pytest.mark.parametrize("compare", [np.greater, lambda x, y: x > y])
def test_exact_ties_and_clear_decisions_are_not_straddled(dtype: str, compare: Any) -> None:
    noise = fresh(dtype)
    exact = constant(np.array([0.0, -0.0, 1.3, -2.0]), noise)
    for x in (exact, exact * 0.3, np.maximum(exact, 0), np.reshape(exact, (2, 2)), exact * 4 - exact * 4):
        answer = compare(x, 0)
        np.testing.assert_array_equal(answer, x.data[0] > 0)
    assert noise.straddled == {}


@BOTH
def test_a_hidden_zero_is_straddled_and_forcing_it_gives_the_other_gradient(dtype: str) -> None:
    network = hidden_zero(dtype)
    free = spread(network)
    assert list(free.straddled.values()) == [True, True]
    assert not free.centre["gradient", "w"][:2].any()
    first, second = free.straddled
    forced = spread(network, forced={first: False})
    np.testing.assert_allclose(forced.centre["gradient", "w"][:2], [0.77, 0], rtol=1e-6)
    assert forced.straddled == {first: False, second: True}


# --- calibration -----------------------------------------------------------------------------


@BOTH
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what is not finite is drawn, and skipped below
def test_on_many_networks_torch_differs_by_no_more_than_the_rule_allows(dtype: str) -> None:
    profile = load_profile("median-small")
    compared = 0
    for index in range(250):
        drawing = draw_case(101, dtype, index, profile)
        if FAULTY.intersection(node.op.name for node in drawing.architecture.nodes.values()):
            continue  # torch may differ by more
        noise = spread(drawing)
        ours = dict(
            zip(
                ("output", "gradient"),
                gradients(drawing.architecture, drawing.leaves, drawing.cotangents),
                strict=True,
            )
        )
        result = TORCH(drawing.architecture, drawing.leaves, drawing.cotangents)
        theirs = {"output": result.outputs, "gradient": result.gradients}
        if noise.straddled:
            continue
        for role, tensors in ours.items():
            finite = [
                np.abs(array).max(initial=0.0) for array in tensors.values() if np.isfinite(array).all()
            ]
            floor = FLOOR * UNIT[dtype] * float(max(finite, default=0.0))
            for name, array in tensors.items():
                if np.isfinite(array).all():
                    value = array.astype(float)
                    rule = explain(theirs[role][name] - value, value, noise.deviation[role, name], floor)
                    assert rule.explained, (index, role, name)
                    compared += 1
    assert compared > 350


# --- leaves ----------------------------------------------------------------------------------


@BOTH
def test_a_leaf_spreads_as_if_it_had_been_rounded_once(dtype: str) -> None:
    noise = fresh(dtype)
    values = np.random.default_rng(11).standard_normal(2000)
    off = (noisy(values, noise).data[1:] / values - 1) / noise.unit
    assert np.abs(off).max() <= 1.0001
    assert abs(np.std(off) - 3**-0.5) < 0.02


def test_a_decision_on_a_leaf_or_an_exact_function_of_leaves_is_never_straddled() -> None:
    noise = fresh()
    x = noisy(np.array([0.5, 1.5, -0.0]), noise)
    assert (x > 0.5).tolist() == [False, True, False]
    assert (np.reshape(np.maximum(2 * x, 0), (3, 1)) > 1.0).tolist() == [[False], [True], [False]]
    assert (np.concatenate([x, -x]) > 0.5).tolist() == [False, True, False, False, False, False]
    assert noise.straddled == {}
    assert (x * 0.3 > 0.15).tolist() == [False, True, False]
    assert list(noise.straddled) == [(3, 0)]


@BOTH
def test_a_decision_between_a_leaf_and_a_rounded_value_may_be_straddled(dtype: str) -> None:
    noise = fresh(dtype)
    x = constant(np.array([0.7, 1.3]), noise)
    rounded = x * 0.3 / 0.3
    for answer, wanted in (
        (x > rounded, x.data[0] > rounded.data[0]),
        (rounded > x, rounded.data[0] > x.data[0]),
    ):
        np.testing.assert_array_equal(answer, wanted)
    assert set(noise.straddled) == {(0, 0), (0, 1), (1, 0), (1, 1)}
