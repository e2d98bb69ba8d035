"""Shapes: broadcasting, padding and dilation, and what is their adjoint.

Broadcasting copies an entry of x to several entries of y, so y = Bx with a 0/1 matrix B, and its
vector–Jacobian product is x̄ = Bᵀȳ: the cotangents of all copies are **added**.  Whoever forgets
that sum has the most common wrong gradient there is.

Padding and dilation go the other way: they put zeros around and between the entries of x.  Slicing
x[start : stop : step] picks entries, so y = Sx with a 0/1 matrix S that has one 1 in each row, and Sᵀȳ puts
every ȳᵢ back where yᵢ was taken from and 0 elsewhere.  So the adjoint of a slice is a dilation by its step
and a padding by what it left out; and a slice is the adjoint of those two.

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


def pad_zeros(x: Array, pads: tuple[tuple[int, int], ...]) -> Array:
    """Put zeros around an array.

    Parameters
    ----------
    x : array
        Any array.
    pads : tuple of (int, int)
        For each of the first axes: how many zeros before, and how many after.

    Returns
    -------
    array
        ``y[before : before + n]`` is x along every axis, and 0 elsewhere.
    """
    for axis, (before, after) in enumerate(pads):
        if (before, after) != (0, 0):  # which spares a copy
            rows, columns = x.shape[:axis], x.shape[axis + 1 :]
            left, right = (np.zeros_like(x, shape=(*rows, n, *columns)) for n in (before, after))
            x = np.concatenate((left, x, right), axis=axis)
    return x


def dilate(x: Array, axis: int, step: int) -> Array:
    """Put step − 1 zeros between neighbours along an axis.

    Parameters
    ----------
    x : array
        Array of n entries along `axis`.
    axis : int
        Axis, counted from the front.
    step : int
        Distance of neighbours in the result, at least 1.

    Returns
    -------
    array
        ``y[::step]`` is x, and 0 elsewhere; (n − 1) step + 1 entries, none if n is 0.
    """
    before, n, behind = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
    if step == 1:  # which spares a copy
        return x
    gaps = np.zeros_like(x, shape=(*before, n, step - 1, *behind))
    pairs = np.concatenate((np.reshape(x, (*before, n, 1, *behind)), gaps), axis=axis + 1)
    spread = np.reshape(pairs, (*before, n * step, *behind))
    return spread[along(axis, slice((n - 1) * step + 1))]


def along(axis: int, key: int | slice) -> tuple[int | slice, ...]:
    """Index that takes `key` along `axis` (counted from the front), and everything of the other axes."""
    return (*(slice(None),) * axis, key)


def normalize_axis(axis: int, ndim: int) -> int | None:
    """Axis counted from the front, or None where an array of `ndim` axes has no such axis."""
    return axis % ndim if -ndim <= axis < ndim else None


def reduced_axes(dim: tuple[int, ...] | None, ndim: int) -> tuple[int, ...] | None:
    """Axes that a reduction over `dim` runs over, counted from the front.

    Parameters
    ----------
    dim : tuple of int, optional
        Axes, from either end; all of them if left out.
    ndim : int
        Number of axes of the array.

    Returns
    -------
    tuple of int, optional
        None where `dim` names no axis, one that is not there, or one twice.
    """
    if dim is None:
        return tuple(range(ndim))
    axes = [axis for axis in (normalize_axis(axis, ndim) for axis in dim) if axis is not None]
    return tuple(axes) if axes and len(set(axes)) == len(dim) else None


def reduced(shape: Shape, axes: tuple[int, ...], keepdim: bool) -> Shape:
    """Shape that is left by a reduction over `axes`, which stay with size 1 if `keepdim`."""
    if keepdim:
        return tuple(1 if axis in axes else n for axis, n in enumerate(shape))
    return tuple(n for axis, n in enumerate(shape) if axis not in axes)


def size(shape: Shape) -> int:
    """Number of entries of an array of `shape`."""
    return math.prod(shape)
