"""The comparator: no tensor is lost, no number passes unseen, and every error is what it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from oracle.judge.compare import measure, non_finite_pattern, structure
from oracle.judge.tolerance import explain
from tests.oracle.planted import passes

DTYPES = ("float32", "float64")
UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
SPECIAL = {"float32": [0.0, -0.0, 2.0**-149, -(2.0**-127), 2.0**127, -(2.0**127)]}
SPECIAL["float64"] = [*SPECIAL["float32"], 5e-324, 1e-320, -1e-310, 1e308, -1e308]


def floats(dtype: str, *, finite: bool) -> st.SearchStrategy[float]:
    width = 32 if dtype == "float32" else 64
    special = SPECIAL[dtype] + ([] if finite else [math.inf, -math.inf, math.nan])
    return st.sampled_from(special) | st.floats(width=width, allow_nan=not finite, allow_infinity=not finite)


@st.composite
def pairs(draw: Any, *, finite: bool) -> list[tuple[Any, Any]]:
    """Pairs of tensors of one dtype: small, empty and 0-d ones, in any order."""
    dtype = draw(st.sampled_from(DTYPES))
    found = []
    for shape in draw(st.lists(SHAPES, min_size=1, max_size=5)):
        arrays = hnp.arrays(dtype, shape, elements=floats(dtype, finite=finite), fill=st.nothing())
        found.append((draw(arrays), draw(arrays)))
    return found


def measured(tensors: list[tuple[Any, Any]]) -> Any:
    return measure([a for a, _ in tensors], [b for _, b in tensors])


# --- measure ---------------------------------------------------------------------------------


@given(pairs(finite=True))
@example([(np.full((2, 2), 1e308), np.full((2, 2), -1e308))])
@example(
    [(np.zeros(0), np.zeros(0)), (np.array(1e-320), np.array(0.0)), (np.zeros((2, 0)), np.zeros((2, 0)))]
)
@example([(np.array([1e200, 1e-200]), np.array([0.0, 3e-200]))])
def test_errors_are_those_of_each_tensor_by_itself(tensors: list[tuple[Any, Any]]) -> None:
    errors = measured(tensors)
    for place, (a, b) in enumerate(tensors):
        reference, candidate = a.astype(float).ravel().tolist(), b.astype(float).ravel().tolist()
        difference = [y - x for x, y in zip(reference, candidate, strict=True)]
        assert errors.largest[place] == max(map(abs, reference), default=0)
        assert errors.largest_error[place] == max(map(abs, difference), default=0)
        np.testing.assert_allclose(errors.norm[place], math.hypot(*reference), rtol=1e-13, atol=1e-323)
        np.testing.assert_allclose(errors.error_norm[place], math.hypot(*difference), rtol=1e-13, atol=1e-323)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 5, 40]), st.integers(-900, 900))
def test_the_worst_entry_is_measured_against_itself_and_the_mean_square(
    seed: int, size: int, power: int
) -> None:
    rng = np.random.default_rng(seed)
    g, e = rng.standard_normal((2, size)) * 2.0 ** rng.integers(-10, 10, (2, size))
    wanted = (np.abs(e) / np.sqrt(g**2 + np.mean(g**2))).max()
    errors = measure([np.zeros(0), g * 2.0**power], [np.zeros(0), g * 2.0**power + 1e6 * e * 2.0**power])
    np.testing.assert_allclose(errors.worst_entry, [0, 1e6 * wanted], rtol=1e-9)


@pytest.mark.parametrize("value", [1e306, 1e200, 1e-200, 1e-320])
def test_norms_neither_overflow_nor_underflow(value: float) -> None:
    tensor = np.full(4096, value)
    errors = measure([tensor, np.ones(1)], [np.zeros(4096), np.ones(1)])
    np.testing.assert_allclose([errors.norm[0], errors.error_norm[0]], 64 * value, rtol=1e-13, atol=1e-322)
    assert errors.norm[1] == 1
    assert errors.error_norm[1] == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_smallest_subnormal_is_an_error(dtype: str) -> None:
    tiny = np.nextafter(np.zeros(3, dtype), np.ones(3, dtype))
    errors = measure([np.zeros(3, dtype)], [tiny])
    assert errors.largest_error[0] == tiny[0]
    assert errors.error_norm[0] > 0
    assert passes([np.zeros(3, dtype)], [tiny], dtype) == [False]


@given(pairs(finite=False))
def test_a_tensor_with_nan_or_infinity_has_no_finite_norms_and_spoils_no_other(
    tensors: list[tuple[Any, Any]],
) -> None:
    errors = measured(tensors)
    for place, (a, b) in enumerate(tensors):
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            assert not (np.isfinite(errors.norm[place]) and np.isfinite(errors.error_norm[place]))
        else:
            alone = measure([a], [b])
            for kind in ("largest_error", "largest", "error_norm", "norm", "worst_entry"):
                np.testing.assert_allclose(getattr(errors, kind)[place], getattr(alone, kind)[0], rtol=1e-13)


@given(pairs(finite=False), st.sampled_from(DTYPES))
def test_the_screen_passes_no_nan_and_no_infinity(tensors: list[tuple[Any, Any]], dtype: str) -> None:
    found = passes([a for a, _ in tensors], [b for _, b in tensors], dtype)
    for passed, (a, b) in zip(found, tensors, strict=True):
        assert not passed or (np.isfinite(a).all() and np.isfinite(b).all())


@given(pairs(finite=True))
def test_equal_tensors_have_no_error_and_the_sign_of_zero_is_none(tensors: list[tuple[Any, Any]]) -> None:
    errors = measured([(a, np.where(a == 0, -a, a)) for a, _ in tensors])
    assert not errors.largest_error.any()
    assert not errors.error_norm.any()


@given(pairs(finite=True))
def test_inputs_are_not_modified(tensors: list[tuple[Any, Any]]) -> None:
    before = [(a.tobytes(), b.tobytes()) for a, b in tensors]
    measured(tensors)
    assert [(a.tobytes(), b.tobytes()) for a, b in tensors] == before


def test_memory_layout_does_not_matter() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 6, 8))
    wanted = measure([a], [b])
    for other in (np.asfortranarray(b), np.repeat(b, 2, axis=1)[:, ::2]):
        assert measure([a], [other]).error_norm[0] == wanted.error_norm[0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("fault", [lambda x: -x, lambda x: 0 * x, lambda x: 1.5 * x, lambda x: np.nan])
@pytest.mark.parametrize("place", [0, 123_457, 999_999])
def test_one_wrong_entry_among_a_million_is_seen(dtype: str, fault: Any, place: int) -> None:
    reference = np.random.default_rng(1).standard_normal(10**6).astype(dtype)
    reference[place] = 0.25  # smaller than most
    candidate = reference.copy()
    candidate[place] = fault(reference[place])
    ours, theirs = [np.ones(3), reference, np.ones(2)], [np.ones(3), candidate, np.ones(2)]
    assert passes(ours, theirs, dtype) == [True, False, True]
    deviation = 8 * UNIT[dtype] * np.abs(reference.astype(float))
    assert not explain(candidate.astype(float) - reference, reference, deviation, 0.0).explained


# --- structure -------------------------------------------------------------------------------

NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)


@given(NAMES, NAMES)
def test_all_missing_and_all_extra_tensors_are_listed(ours: list[str], theirs: list[str]) -> None:
    faults = structure(dict.fromkeys(ours, np.ones(2)), dict.fromkeys(theirs, np.ones(2)))
    assert faults.keys() == set(ours) ^ set(theirs)
    assert all("missing" in faults[name] for name in set(ours) - set(theirs))
    assert all("not in the reference" in faults[name] for name in set(theirs) - set(ours))


def test_every_fault_is_listed_and_a_fault_does_not_hide_the_next() -> None:
    ours = {name: np.ones((2, 3)) for name in "abcdef"}
    theirs = {"a": np.ones((3, 2)), "b": np.ones((2, 3), "float32"), "c": 1.0, "d": np.ones((2, 3)), "x": 0}
    faults = structure(ours, theirs)
    assert list(faults) == ["a", "b", "c", "e", "f", "x"]
    assert "(3, 2)" in faults["a"]
    assert "(2, 3)" in faults["a"]
    assert "float32" in faults["b"]
    assert "float64" in faults["b"]
    assert "float" in faults["c"]
    assert all(fault and "\n" not in fault for fault in faults.values())


@given(SHAPES, SHAPES, st.sampled_from(["float16", *DTYPES]), st.sampled_from(["float16", *DTYPES]))
def test_shape_and_dtype_must_be_equal_and_broadcasting_is_no_excuse(
    shape: Any, other: Any, dtype: str, another: str
) -> None:
    faults = structure({"g": np.ones(shape, dtype)}, {"g": np.ones(other, another)})
    assert bool(faults) == (shape != other or dtype != another)


@pytest.mark.parametrize("value", [None, 1.0, [1.0], (1.0,), "1", {"g": 1}])
def test_what_is_no_array_is_a_fault_that_names_its_type(value: Any) -> None:
    assert type(value).__name__ in structure({"g": np.ones(1)}, {"g": value})["g"]


def test_a_scalar_is_an_array_without_axes() -> None:
    assert structure({"g": np.ones(())}, {"g": np.float64(1)}) == {}
    assert structure({"g": np.ones(())}, {"g": np.ones(1)}).keys() == {"g"}


# --- NaN and infinities ----------------------------------------------------------------------


@given(pairs(finite=False))
def test_a_pattern_is_equal_where_the_same_things_stand_in_the_same_places(
    tensors: list[tuple[Any, Any]],
) -> None:
    for a, b in tensors:
        entries = list(zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))
        wrong = sum(
            not (x == y or (x != x and y != y)) and not (math.isfinite(x) and math.isfinite(y))
            for x, y in entries
        )
        message = non_finite_pattern(a, b)
        assert bool(message) == bool(wrong)
        assert not wrong or message.startswith(f"{wrong} entries")
        assert non_finite_pattern(a, a.copy()) == ""


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        (math.nan, math.nan, True),
        (math.inf, math.inf, True),
        (-math.inf, -math.inf, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
        (math.inf, -math.inf, False),
        (math.inf, math.nan, False),
        (math.inf, 1e308, False),
        (1.0, 2.0, True),  # both finite: another matter
    ],
)
@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_each_combination_of_nan_and_infinity(ours: float, theirs: float, equal: bool, shape: Any) -> None:
    a, b = np.ones(shape), np.ones(shape)
    entry = (1, 2) if shape else ()
    a[entry], b[entry] = ours, theirs
    message = non_finite_pattern(a, b)
    assert (message == "") == equal
    assert equal or str(entry) in message
