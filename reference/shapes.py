"""Shapes: broadcasting and its adjoint.

Broadcasting copies an entry of x to several entries of y, so y = Bx with a 0/1 matrix B, and its
vector–Jacobian product is x̄ = Bᵀȳ: the cotangents of all copies are **added**.  Whoever forgets
that sum has the most common wrong gradient there is.

Source: J. Harris et al., "Array programming with NumPy", Nature 585 (2020), for the rules of
broadcasting; the adjoint is the chain rule, case 2 (paths add).
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from reference.op import Array, Shape


def broadcast(*shapes: Shape) -> Shape | None:
    """Common shape that `shapes` broadcast to, or None where there is none."""
    try:
        return cast(Shape, np.broadcast_shapes(*shapes))
    except ValueError:
        return None


def unbroadcast(y_bar: Array, shape: Shape) -> Array:
    """Sum a cotangent over the axes along which an array of `shape` was broadcast.

    Parameters
    ----------
    y_bar : array
        Cotangent of the broadcast array.
    shape : tuple of int
        Shape before broadcasting; must broadcast to ``y_bar.shape``.

    Returns
    -------
    array
        The cotangent of the array before broadcasting, of shape `shape`.
    """
    if y_bar.shape == shape:
        return y_bar
    new_axes = y_bar.ndim - len(shape)
    stretched = tuple(
        new_axes + axis for axis, size in enumerate(shape) if size == 1 and y_bar.shape[new_axes + axis] != 1
    )
    summed = np.sum(y_bar, axis=tuple(range(new_axes)) + stretched)
    return np.reshape(summed, shape)


def normalize_axis(axis: int, ndim: int) -> int | None:
    """Axis counted from the front, or None where an array of `ndim` axes has no such axis."""
    return axis % ndim if -ndim <= axis < ndim else None


def size(shape: Shape) -> int:
    """Number of entries of an array of `shape`."""
    return math.prod(shape)
