"""Adding rows to where they were taken from: the adjoint of `np.take`.

``np.take(x, indices, axis)`` copies rows of x, some of them several times and some not at all, so y = Tx
with a 0/1 matrix T of one 1 a row, and its vector–Jacobian product is x̄ = Tᵀȳ: the cotangents of all
copies of a row are **added**.  An assignment instead, as in ``x_bar[indices] = y_bar``, keeps the last
copy alone: right on every test whose indices are distinct.

A duck array answers through its method ``__scatter_add__``, as `constants.py` does.

Source: the chain rule, case 2 (paths add).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.op import Array, Shape


def scatter_add(y: Array, indices: NDArray[Any], size: int, axis: int = 0) -> Array:
    """Add the rows of `y` that share an index.

    Parameters
    ----------
    y : array
        Array of the shape that ``np.take(x, indices, axis)`` has.
    indices : numpy.ndarray
        Integers in 0 … size − 1, of any shape.
    size : int
        Length of the axis that the rows were taken from.
    axis : int
        That axis, counted from the front.

    Returns
    -------
    array
        Of x's shape: `y` with the axes of `indices` replaced by one of length `size`.
    """
    answer = getattr(y, "__scatter_add__", None)
    if answer is not None:
        return answer(indices, size, axis)
    shape = (*y.shape[:axis], size, *y.shape[axis + indices.ndim :])
    x = np.zeros(math.prod(shape), y.dtype)
    np.add.at(x, destinations(y.shape, indices, size, axis), np.reshape(y, -1))  # fast in one axis alone
    return x.reshape(shape)


def destinations(shape: Shape, indices: NDArray[Any], size: int, axis: int) -> NDArray[np.int64]:
    """For each entry of y in row-major order, the place in x, in row-major order, that it is added to."""
    outer, inner = math.prod(shape[:axis]), math.prod(shape[axis + indices.ndim :])
    rows = np.arange(outer)[:, np.newaxis] * size + indices.reshape(-1)
    return np.asarray(rows[..., np.newaxis] * inner + np.arange(inner), np.int64).reshape(-1)
