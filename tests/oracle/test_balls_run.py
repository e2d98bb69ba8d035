"""A run of balls takes no decision in silence, and its arrays do not become floats without a word."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from oracle.numbers.balls import BallArray, balls
from oracle.numbers.balls_run import Balls
from oracle.numbers.noise import Noise
from oracle.numbers.stochastic import noisy
from reference.constants import DIGITS, constant
from tests.oracle.certified import ends, run_on
from tests.reference.example import Example, row
from tests.reference.examples import EXAMPLES

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)
COMPARISONS = [np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal]


def hidden(values: Any, run: Balls) -> BallArray:
    """The same numbers, which no precision can tell from their neighbours: x / 3 + x / 3 + x / 3."""
    third = balls(np.asarray(values, np.float64), run) / 3
    return third + third + third


# --- decisions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ufunc", COMPARISONS)
def test_exact_numbers_compare_as_they_are(ufunc: np.ufunc) -> None:
    run, x, y = Balls(), np.array([0.0, -0.0, 1.0, math.inf]), np.array([0.0, 2.0**-1074, -1.0, math.inf])
    np.testing.assert_array_equal(ufunc(balls(x, run), balls(y, run)), ufunc(x, y))
    assert run.ambiguous == {}


@pytest.mark.parametrize("ufunc", COMPARISONS)
def test_a_comparison_of_overlapping_balls_is_recorded(ufunc: np.ufunc) -> None:
    run = Balls()
    answer = ufunc(hidden([[5, 1], [7, 0]], run), np.array([[4, 1], [7, 8]]))
    assert run.ambiguous == {(0, entry): bool(answer.flat[entry]) for entry in (1, 2)}


@pytest.mark.parametrize("ufunc", COMPARISONS)
def test_a_number_equals_itself_and_nan_does_not(ufunc: np.ufunc) -> None:
    run, values = Balls(), np.array([1.0, 2.0])
    x = hidden(values, run)
    np.testing.assert_array_equal(ufunc(x, x), ufunc(values, values))
    assert run.ambiguous == {}
    nan = balls(np.array(math.nan), run)
    assert ufunc(nan, nan) == ufunc(math.nan, math.nan)
    assert len(run.ambiguous) == 1


def test_an_entry_equals_the_maximum_that_it_is() -> None:
    run = Balls()
    x = hidden([[1, 3, 2], [3, 2, 1]], run)
    np.testing.assert_array_equal(x == np.max(x, axis=1, keepdims=True), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(np.maximum(x, 2.5) > 2.5, [[0, 1, 0], [1, 0, 0]])
    assert run.ambiguous == {}


def test_the_maximum_of_overlapping_balls_holds_both_and_looks_like_the_larger() -> None:
    run = Balls()
    for radii in ((0.5, 0.25), (0.25, 0.5)):
        x = BallArray(np.array([arb(1, radii[0]), arb(1.25, radii[1])]), run)
        for found in (np.max(x), np.maximum(x[0], x[1])):
            low, high = ends(found.data.item())
            assert low <= max(ends(ball)[0] for ball in x.data)
            assert high >= max(ends(ball)[1] for ball in x.data)
            np.testing.assert_array_equal(x == found, [False, True])
    assert run.ambiguous


def test_equal_balls_seem_to_be_the_maximum_together() -> None:
    run = Balls()
    x = BallArray(np.array([hidden(5.0, run).data.item() for _ in range(3)]), run)
    np.testing.assert_array_equal(x == np.max(x), [True, True, True])
    assert len(run.ambiguous) == 3


def test_argmax_takes_the_first_of_exact_ties() -> None:
    run = Balls()
    x = balls(np.array([[1.0, 2.0, 2.0], [0.0, 0.0, -1.0]]), run)
    assert np.argmax(x, axis=1).tolist() == [1, 0]
    assert np.argmax(x, axis=-1, keepdims=True).tolist() == [[1], [0]]
    assert np.argmax(x, axis=0).tolist() == [0, 0, 0]
    assert np.argmax(x) == 1
    assert run.ambiguous == {}


def test_a_rival_of_the_largest_entry_is_recorded_and_can_be_forced() -> None:
    run = Balls()
    winner = np.argmax(hidden([[1, 7, 7], [1, 2, 7]], run), axis=1)
    assert run.ambiguous == {(0, 1): False, (0, 2): False}
    assert winner[1] == 2
    for entry, other in ((1, 2), (2, 1)):  # whichever of the two the midpoints have, either can win
        forced = Balls(forced={(0, entry): True, (0, other): False})
        assert np.argmax(hidden([[1, 7, 7], [1, 2, 7]], forced), axis=1).tolist() == [entry, 2]
        assert forced.ambiguous == {}


def test_a_forced_decision_falls_as_told_and_is_not_ambiguous() -> None:
    for way in (False, True):
        run = Balls(forced={(1, 0): way, (1, 1): way})
        x = hidden([1, 5], run)
        assert (x > 0).all()
        np.testing.assert_array_equal(x > 1, [way, way])  # the second one although it is certain
        assert run.ambiguous == {}


def test_both_branches_of_a_hidden_kink_can_be_had() -> None:
    relu, found = row("relu").op, set()
    for way in (False, True):
        run = Balls(forced={(0, 0): way})
        z = hidden(3.0, run) - 3
        _, residuals = relu.forward(z)
        found.add(float(relu.vjp(residuals, balls(np.array(7.0), run))[0].data.item()))
    assert found == {0.0, 7.0}


@every_example
def test_decisions_have_the_numbers_that_they_have_under_noise(example: Example) -> None:
    run, noise = Balls(), Noise("float64", 2, 2, magnification=2.0**16)
    run_on(example, lambda x: balls(x, run))
    with np.errstate(all="ignore"):
        run_on(example, lambda x: noisy(x, noise))
    assert run.comparisons == noise._comparisons


# --- what would lose the certificate ----------------------------------------------------------------


def assign(target: Any, value: Any) -> None:
    target[...] = value


LOSSES: dict[str, Callable[[BallArray], Any]] = {
    "float": float,
    "int": int,
    "bool": bool,
    "math.exp": math.exp,
    "asarray": np.asarray,
    "array": lambda x: np.array(x, np.float64),
    "assignment": lambda x: assign(np.zeros(()), x),
    "assignment to an entry": lambda x: assign(np.zeros(1)[:1], x),
    "item assignment": lambda x: assign(x, 0.0),
    "full": lambda x: np.full((2,), x),
    "out": lambda x: np.exp(x, out=np.zeros(())),
    "out of a sum": lambda x: np.sum(x, out=np.zeros(())),
    "reduction": lambda x: np.add.reduce(x),
    "outside the vocabulary": np.cos,
    "a function outside of it": np.mean,
    "floats": lambda x: x + np.ones(2),
    "floats in where": lambda x: np.where(np.array([True, False]), x, np.ones(2)),
    "float32 scalar": lambda x: x + np.float32(1),
    "longdouble": lambda x: x + np.longdouble(1),
    "truth value": lambda x: x * True,
    "truth values": lambda x: x * np.array([True, False]),
    "string": lambda x: x + "1",
    "longdouble values": lambda x: balls(np.ones(2, np.longdouble), x.run),
    "complex values": lambda x: balls(np.ones(2, np.complex128), x.run),
    "integers too large for a double": lambda x: float(x + 2**60 + 1),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_what_would_lose_the_certificate_raises(loss: Callable[[BallArray], Any]) -> None:
    with pytest.raises(TypeError):
        loss(balls(np.array(1.0), Balls()))


def test_a_ball_array_has_no_method_that_loses_its_radii() -> None:
    public = {name for name in dir(BallArray) if not name.startswith("_")}
    assert public == {"T", "data", "mT", "ndim", "run", "shape", "size"}
    with pytest.raises(TypeError):
        hash(balls(np.array(1.0), Balls()))


# --- what enters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_values_enter_exactly(dtype: Any) -> None:
    values = np.array([0.1, -3, 2.0**60 + 1, 1e-30]).astype(dtype)
    found = balls(values, Balls(precision=2)).data
    assert all(ball.is_exact() for ball in found)
    assert [ends(ball)[0] for ball in found] == [Fraction(value) for value in values.tolist()]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_scalar_is_what_the_dtype_calls_it(dtype: str) -> None:
    run = Balls(dtype=dtype)
    x = balls(np.array(1.0), run)
    expected = np.array(1.0, dtype) * 0.1  # numpy rounds the scalar, and the product is exact
    assert (x * 0.1).data.item() == arb(float(expected))
    assert (x * (2**60 + 1)).data.item() == 2**60 + 1
    assert (x < math.inf).all()


@pytest.mark.parametrize("expression", DIGITS)
def test_constants_are_enclosed_and_agree_with_their_digits(expression: str) -> None:
    digits = DIGITS[expression]
    (ball,) = constant(expression, like=balls(np.zeros(1), Balls(256))).data.flat
    unit = Fraction(1, 10 ** len(digits.partition(".")[2]))
    low, high = ends(ball)
    assert Fraction(digits) - unit <= low <= high <= Fraction(digits) + unit
    assert high - low < Fraction(1, 2**250)


def test_a_constant_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError):
        constant("sqrt(7)", like=balls(np.zeros(()), Balls()))


def test_a_run_keeps_its_precision_to_itself() -> None:
    before = ctx.prec
    narrow, wide = (1 / balls(np.array(3.0), Balls(precision)) for precision in (64, 512))
    assert ctx.prec == before
    assert narrow.data.item().rad() > 2.0**-70
    assert wide.data.item().rad() < 2.0**-510
