"""Errors in ulps, and which cases may be asked for them."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.judge.accuracy import SHORT, has_full_significands, ulps
from oracle.numbers.noise import UNIT
from tests.oracle.planted import case, node

FULL = 1 + 2.0 ** -(SHORT + 1)  # needs a bit more than a short significand has
BRIEF = 1 + 2.0 ** -(SHORT - 1)


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("scale", [2.0**-100, 1.0, 2.0**60])
def test_an_error_is_counted_in_spacings_of_the_largest_true_entry(dtype: str, scale: float) -> None:
    truth = np.array([0.25, -1.5, 1.0]) * scale
    spacing = 2 * UNIT[dtype] * scale  # of numbers from 1 to 2
    assert ulps(np.array([0.0, 3.0, -7.0]) * spacing, truth, dtype) == 7
    assert ulps(np.array([1e-9, 0.0, 0.0]) * spacing, truth, dtype) == pytest.approx(1e-9)


def test_no_error_is_none_and_one_of_a_true_zero_is_infinite() -> None:
    assert ulps(np.zeros(2), np.zeros(2), "float32") == 0
    assert ulps(np.zeros(0), np.zeros(0), "float64") == 0
    assert ulps(np.array([1.0]), np.zeros(1), "float64") == np.inf


@pytest.mark.parametrize(
    ("leaf", "cotangent", "full"),
    [(FULL, FULL, True), (FULL, BRIEF, False), (BRIEF, FULL, False), (-3 * FULL, FULL / 1024, True)],
)
def test_a_leaf_and_a_cotangent_must_need_more_bits_than_a_short_significand_has(
    leaf: float, cotangent: float, full: bool
) -> None:
    drawing = case("float64", {"x": [0.0, leaf]}, {"y": node("exp", "x")}, {"y": [np.inf, cotangent]})
    assert has_full_significands(drawing) is full


def test_what_is_no_number_has_no_significand() -> None:
    drawing = case("float64", {"x": [np.nan, np.inf]}, {"y": node("exp", "x")}, {"y": [FULL, FULL]})
    assert not has_full_significands(drawing)
