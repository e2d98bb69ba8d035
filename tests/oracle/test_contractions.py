"""Repeated terms of a contraction: roundings of equal products are equal, and add up."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.numbers.contractions import STRUCTURED, _distinct, _drift
from oracle.numbers.noise import Noise

LENGTH = 12


def with_distinct(*counts: int) -> np.ndarray:
    """A row of `LENGTH` entries for each count, with so many distinct values that are not zero."""
    return np.array([[1.1 + k % count for k in range(LENGTH)] for count in counts])


@pytest.fixture
def noise() -> Noise:
    return Noise("float64", 4, 4)


def test_terms_per_distinct_product_are_counted_in_rows_and_in_columns(noise: Noise) -> None:
    rows, columns = with_distinct(2, 3, LENGTH), with_distinct(1, 2)
    found = _drift(noise, rows, columns)
    assert np.array_equal(found, [[6.0, 3.0], [4.0, 2.0], [1.0, 1.0]])


def test_rows_without_repetitions_and_short_ones_have_no_drift(noise: Noise) -> None:
    assert _drift(noise, with_distinct(LENGTH), with_distinct(1)) == 1.0
    assert _drift(noise, np.ones((2, STRUCTURED - 1)), np.ones((2, STRUCTURED - 1))) == 1.0
    assert _drift(noise, np.ones((0, LENGTH)), np.ones((2, LENGTH))) == 1.0


def test_zeros_are_no_values_and_what_the_dtype_cannot_tell_apart_is_one() -> None:
    noise = Noise("float32", 4, 4)
    values = np.array([[0.0, 0.0, 1.0, 1.0 + 2.0**-40, 2.0], [0.0] * 5])
    assert np.array_equal(_distinct(noise, values), [2.0, 1.0])
