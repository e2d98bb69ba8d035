"""Adding rows to where they were taken from is the adjoint of taking them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference.scatter import scatter_add

INDICES = {
    "repeated": np.array([2, 0, 2, 2]),
    "of two axes": np.array([[1, 1, 0], [2, 1, 2]]),
    "of no axis": np.array(1),
    "of no rows": np.zeros(0, np.int64),
}


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", INDICES)
def test_scatter_add_is_the_adjoint_of_take(name: str, axis: int) -> None:
    rng, indices = np.random.default_rng(0), INDICES[name]
    x = rng.integers(-9, 10, (3, 4, 5)).astype(float)  # whole numbers: sums are exact in any order
    y = np.take(x, indices, axis=axis)
    y_bar = rng.integers(-9, 10, y.shape).astype(float)
    x_bar = scatter_add(y_bar, indices, x.shape[axis], axis)
    assert x_bar.shape == x.shape
    assert np.sum(y_bar * y) == np.sum(x_bar * x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_is_kept_and_nothing_is_written_to(dtype: Any) -> None:
    y = np.ones((3, 2), dtype)
    y.setflags(write=False)
    assert scatter_add(y, np.array([0, 0, 1]), 4).dtype == dtype
    assert scatter_add(y[:0], np.zeros(0, int), 4).tolist() == [[0, 0]] * 4
