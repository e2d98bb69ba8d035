"""The tolerance: what the screen and the rule forgive, and what they never do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from oracle.case import Case
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge import tolerance
from oracle.judge.tolerance import ENTRY, NORM, WIDE, Rounding, explain, outside, spread
from tests.oracle.planted import case, node, passes

UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
DTYPES = tuple(UNIT)
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from([1, 2, 3, 17, 300])


def tensor(seed: int, size: int) -> tuple[Any, Any]:
    """Random values, and a spread of about 2⁻²⁰ of them that varies from entry to entry."""
    rng = np.random.default_rng(seed)
    value = rng.standard_normal(size) * 2.0 ** rng.integers(-10, 10, size)
    return value, 2.0**-20 * np.abs(value) * rng.uniform(0.6, 30, size)


def test_the_constants_are_those_of_the_calibration() -> None:
    assert (NORM, ENTRY, WIDE, tolerance.FLOOR) == (8, 16, 64, 4)
    assert (tolerance.INDEPENDENT, tolerance.HASHED) == (4, 4)


# --- screen ----------------------------------------------------------------------------------


@given(SEEDS, SIZES, st.sampled_from(DTYPES), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_the_screen_never_passes_nan_or_infinity(seed: int, size: int, dtype: str, bad: float) -> None:
    value, _ = tensor(seed, size)
    spoiled = value.copy()
    spoiled[seed % size] = bad
    assert not passes([value], [spoiled], dtype)[0]
    assert not passes([spoiled], [value], dtype)[0]
    assert not passes([spoiled], [spoiled], dtype)[0]


@pytest.mark.parametrize("place", range(4))
def test_the_screen_passes_what_it_says_and_no_more(place: int) -> None:
    value = np.array([3.0, -4.0, 0.0, 0.0])  # root mean square 2.5
    allowed = WIDE / 6**0.5 * UNIT["float32"] * np.hypot(value[place], 2.5)
    for factor, verdict in ((0.999, True), (1.001, False)):
        candidate = value.copy()
        candidate[place] += factor * allowed
        assert passes([value], [candidate], "float32") == [verdict]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_screen_passes_zeros_against_zeros_alone(dtype: str) -> None:
    ours = [np.zeros(0), np.zeros(4), np.zeros(4)]
    assert passes(ours, [np.zeros(0), -np.zeros(4), np.full(4, 5e-324)], dtype) == [True, True, False]


@given(SEEDS, SIZES, st.floats(-1, 1), st.sampled_from(DTYPES))
@example(0, 1, 0.999, "float32")
@example(4, 17, 0.999, "float64")
def test_what_the_screen_passes_the_wide_bound_does_not_call_wrong(
    seed: int, size: int, part: float, dtype: str
) -> None:
    rng = np.random.default_rng(seed)
    value = rng.standard_normal(size) * 2.0 ** rng.integers(-10, 10, size)
    largest = WIDE / 6**0.5 * UNIT[dtype] * np.hypot(value, np.sqrt(np.mean(value**2)))
    candidate = value + part * largest * rng.choice([-1.0, 0.3, 1.0], size)
    assume(passes([value], [candidate], dtype)[0])
    rounded_once = UNIT[dtype] * np.abs(value) / np.sqrt(3)
    assert outside(candidate - value, value, rounded_once, 0.0) <= 1.001


# --- rule ------------------------------------------------------------------------------------


@given(
    SEEDS,
    SIZES,
    st.just(0.0) | st.floats(2.0**-60, 40),  # a smaller error would underflow with the scale
    st.sampled_from([0.0, 2.0**-22]),
    st.integers(-900, 900),
)
@example(1, 17, 20.0, 0.0, -900)
@example(1, 17, 2.0, 2.0**-22, 900)
def test_the_rule_does_not_depend_on_the_scale(
    seed: int, size: int, sigmas: float, floor: float, power: int
) -> None:
    value, deviation = tensor(seed, size)
    error = sigmas * deviation * np.random.default_rng(seed + 1).uniform(-1, 1, size)
    plain = explain(error, value, deviation, floor)
    scale = 2.0**power
    scaled = explain(error * scale, value * scale, deviation * scale, floor * scale)
    far = [outside(k * error, k * value, k * deviation, k * floor) for k in (1.0, scale)]
    np.testing.assert_allclose(far[1], far[0], rtol=1e-12)
    assert scaled.explained == plain.explained
    np.testing.assert_allclose(scaled.limit, plain.limit, rtol=1e-12)
    np.testing.assert_allclose(scaled.bound / scale, plain.bound, rtol=1e-12)


@given(SEEDS, SIZES, st.floats(0, 40), st.floats(0, 1))
def test_a_smaller_error_is_explained_if_a_larger_one_is(
    seed: int, size: int, sigmas: float, factor: float
) -> None:
    value, deviation = tensor(seed, size)
    rng = np.random.default_rng(seed + 1)
    error = sigmas * deviation * rng.uniform(-1, 1, size)
    larger = explain(error, value, deviation, 0.0).explained
    assert explain(error * rng.choice([-factor, factor], size), value, deviation, 0.0).explained >= larger
    assert explain(-error, value, deviation, 0.0).explained == larger


@given(SEEDS, SIZES, st.floats(1, 50))
def test_a_larger_spread_explains_more(seed: int, size: int, factor: float) -> None:
    value, deviation = tensor(seed, size)
    error = 12 * deviation * np.random.default_rng(seed + 1).uniform(-1, 1, size)
    before = explain(error, value, deviation, 0.0)
    after = explain(error, value, deviation * factor, 0.0)
    assert after.explained >= before.explained
    assert after.limit >= before.limit


@given(SEEDS, SIZES)
def test_an_error_of_zero_is_explained_and_one_that_is_not_finite_never(seed: int, size: int) -> None:
    value, deviation = tensor(seed, size)
    error = np.zeros(size)
    assert explain(error, value, deviation, 0.0).explained
    assert explain(error, 0 * value, 0 * deviation, 0.0).explained
    for bad in (np.nan, np.inf, -np.inf):
        error[seed % size] = bad
        for some in (value, 0 * value, np.full(size, np.inf), np.full(size, np.nan)):
            for spread_ in (deviation, 0 * deviation, np.full(size, np.inf), np.full(size, np.nan)):
                assert not explain(error, some, spread_, 1e-7).explained


def test_a_spread_that_is_not_finite_explains_nothing_or_hides_everything() -> None:
    value = np.ones(4)
    for bad in (np.nan, np.inf):
        deviation = np.full(4, 1e-7)
        deviation[2] = bad
        rule = explain(np.full(4, 1e-9), value, deviation, 0.0)
        assert not rule.explained or rule.limit == np.inf  # which is `undecided`


@pytest.mark.parametrize("place", [0, 700_000, 999_999])
def test_one_wrong_entry_is_rejected_however_large_the_tensor(place: int) -> None:
    rng = np.random.default_rng(0)
    value = rng.standard_normal(10**6)
    deviation = np.full(10**6, 1e-7)
    error = deviation * rng.uniform(-1, 1, 10**6)
    assert explain(error, value, deviation, 0.0).explained
    error[place] = (ENTRY + 1) * 1e-7
    assert np.linalg.norm(error) < NORM * np.linalg.norm(deviation)  # the norm does not see it
    assert not explain(error, value, deviation, 0.0).explained
    assert outside(error, value, deviation, 0.0) < 1
    error[place] = (WIDE + 1) * 1e-7
    assert outside(error, value, deviation, 0.0) > 1


@pytest.mark.parametrize("size", [1, 5, 10**5])
def test_many_entries_that_are_a_little_wrong_are_rejected_by_the_norm(size: int) -> None:
    deviation = np.full(size, 1e-7)
    for factor, verdict in ((0.99, True), (1.01, False)):  # no entry is beyond `ENTRY`
        error = factor * NORM * deviation
        assert bool(explain(error, np.ones(size), deviation, 0.0).explained) is verdict


@given(SEEDS, SIZES, st.floats(0, 100))
def test_what_is_explained_is_not_outside(seed: int, size: int, sigmas: float) -> None:
    value, deviation = tensor(seed, size)
    error = sigmas * deviation * np.random.default_rng(seed + 1).uniform(-1, 1, size)
    if explain(error, value, deviation, 0.0).explained:
        assert outside(error, value, deviation, 0.0) < 1


@given(SEEDS, SIZES)
def test_a_relative_error_beyond_the_detection_limit_is_outside(seed: int, size: int) -> None:
    value, deviation = tensor(seed, size)
    rule = explain(0 * value, value, deviation, 0.0)
    norm = np.linalg.norm(value)
    np.testing.assert_allclose(rule.limit, WIDE * np.linalg.norm(deviation) / norm, rtol=1e-12)
    np.testing.assert_allclose(rule.bound, rule.limit * norm, rtol=1e-12)
    direction = np.random.default_rng(seed + 1).standard_normal(size)
    error = 1.001 * rule.limit * norm * direction / np.linalg.norm(direction)
    for floor in (0.0, 1.0):  # the floor is not for such a tensor
        assert not explain(error, value, deviation, floor).explained
        assert outside(error, value, deviation, floor) > 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_outside(bad: float) -> None:
    value = np.array([1.0, bad, 3.0])
    assert not outside(value, np.ones(3), np.ones(3), 1.0) <= 1


@given(SEEDS, SIZES, st.floats(1e-12, 1e-3))
def test_the_floor_is_for_structurally_zero_tensors_alone(seed: int, size: int, floor: float) -> None:
    value, deviation = tensor(seed, size)
    value = 1e-10 * value / np.abs(value).max()
    deviation = np.full(size, 1e-9 * floor)
    zero = deviation / 3
    assert explain(np.full(size, 0.99 * floor), zero, deviation, floor).explained
    assert explain(np.full(size, 0.99 * floor), 0 * zero, 0 * deviation, floor).explained
    assert not explain(np.full(size, 1.01 * floor), 0 * zero, 0 * deviation, floor).explained
    assert not explain(np.full(size, 0.99 * floor), 3 * deviation, deviation, floor).explained
    noise = WIDE * np.linalg.norm(deviation)
    np.testing.assert_allclose(explain(zero, zero, deviation, floor).bound, noise + floor * size**0.5)
    np.testing.assert_allclose(explain(zero, 3 * deviation, deviation, floor).bound, noise)


# --- spread ----------------------------------------------------------------------------------


def small(dtype: str, index: int) -> Case:
    return draw_case(3, dtype, index, load_profile("median-small"))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", range(6))
def test_every_output_and_every_gradient_has_a_spread(dtype: str, index: int) -> None:
    drawn = small(dtype, index)
    network, noise = drawn.architecture, spread(drawn)
    wanted = {("output", wire) for wire in network.outputs}
    wanted |= {("gradient", leaf) for leaf in network.differentiable_leaves}
    assert noise.centre.keys() == noise.deviation.keys() == wanted
    for (role, name), deviation in noise.deviation.items():
        assert deviation.shape == noise.centre[role, name].shape == network.shapes[name]
        assert not (deviation < 0).any()


def test_the_same_case_has_the_same_spread() -> None:
    first, second = (spread(small("float64", 5)) for _ in range(2))
    for key, deviation in first.deviation.items():
        np.testing.assert_array_equal(deviation, second.deviation[key])


def test_what_is_only_copied_has_the_spread_of_its_leaves() -> None:
    copied = case(
        "float64",
        {"x": [[0.1, -0.0, 3.3]], "y": [[1e300, 5e-324, 0.7]]},
        {"c": node("concatenate", "x", "y"), "r": node("reshape", "c", shape=(6,)), "a": node("relu", "r")},
        {"a": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]},
    )
    said = spread(copied)
    for key, deviation in said.deviation.items():
        size = np.abs(said.centre[key])
        assert (deviation <= np.maximum(UNIT["float64"] * size, 5e-324 * (size > 0))).all()
        assert (deviation[size > 1e-300] > 0).all()  # a leaf of one bit is what it is


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_product_has_the_spread_of_three_roundings(dtype: str) -> None:
    x = np.random.default_rng(0).uniform(1, 2, (2, 4000))
    product = case(dtype, {"a": x[0], "b": x[1]}, {"y": node("multiply", "a", "b")}, {"y": x[0] * 0.7})
    for (role, name), deviation in spread(product).deviation.items():
        relative = deviation / np.abs(spread(product).centre[role, name]) / UNIT[dtype]
        rms = np.sqrt(np.mean(relative**2))
        assert 0.95 < rms < 1.4  # √3/√3 for two leaves and the product, and more: the larger of two
        assert relative.max() <= 3.001


@pytest.mark.parametrize("dtype", DTYPES)
def test_equal_computations_are_assumed_to_round_equally(dtype: str) -> None:
    """Errors of eight equal terms add up, and do not average out."""
    x = np.random.default_rng(1).uniform(0.05, 0.15, 3000)
    nodes = {f"a{k}": node("tanh", "x") for k in range(8)}
    nodes |= {f"b{k}": node("add", f"a{2 * k}", f"a{2 * k + 1}") for k in range(4)}
    nodes |= {f"c{k}": node("add", f"b{2 * k}", f"b{2 * k + 1}") for k in range(2)}
    tree = case(dtype, {"x": x}, {**nodes, "y": node("add", "c0", "c1")}, {"y": x})
    said = spread(tree)
    relative = said.deviation["output", "y"] / said.centre["output", "y"] / UNIT[dtype]
    assert 1.4 < np.sqrt(np.mean(relative**2)) < 2.5  # 1.0 if they did


def test_a_run_that_is_cut_up_to_save_memory_has_about_the_same_spread(monkeypatch: Any) -> None:
    drawn = small("float32", 11)
    whole = spread(drawn)
    monkeypatch.setattr(tolerance, "MEMORY", 1)
    parts = spread(drawn)
    for key, deviation in whole.deviation.items():
        np.testing.assert_array_equal(parts.centre[key], whole.centre[key])
        ours, theirs = np.linalg.norm(deviation), np.linalg.norm(parts.deviation[key])
        assert ours / 3 <= theirs <= 3 * ours


def test_where_noise_makes_nan_of_a_number_nothing_can_be_told() -> None:
    """Two squares next to the largest number: some replicates overflow, and ∞ − ∞ is NaN."""
    nodes = {
        "a": node("multiply", "x", "x"),
        "b": node("multiply", "x", "w"),
        "y": node("subtract", "a", "b"),
    }
    edge = [1.34078079299425e154, 2.0]
    said = spread(case("float64", {"x": edge, "w": edge}, nodes, {"y": [1.0, 1.0]}))
    centre, deviation = said.centre["output", "y"], said.deviation["output", "y"]
    assert np.isfinite(centre).all()
    assert deviation[0] == np.inf
    assert 0 < deviation[1] < 1e-14
    assert explain(np.array([1e-3, 0.0]), centre, deviation, 0.0) == Rounding(True, np.inf, np.inf)
    assert explain(np.array([0.0, 1e-3]), centre, deviation, 0.0) == Rounding(False, np.inf, np.inf)
