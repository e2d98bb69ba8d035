"""Largest entry of every window,  y_{ij} = max over (u, v) of x̃_{s_h i + d_h u, s_w j + d_w v}.

x̃ is x with −∞ around it: padding is never the largest where there is anything else.

One axis after the other: the largest entry of a window is the largest among the largest of its rows, so
pooling along the width and then along the height takes k_h + k_w comparisons for an output, not k_h k_w.

Derivation.  Along one axis, where tap u is the largest of its window, y = x_u, and moving another tap a
little changes nothing:

    ∂y/∂x_u = 1 for the largest tap, 0 for the others.

An entry that is the largest of several windows gets the sum of their cotangents (`put_back`).

Not differentiable where taps tie for the largest.  There the **first** in row-major order has the
derivative 1: the first row that holds the largest, and in it the first column.  Torch's documentation
leaves ties open; the first is what its `return_indices` gives.  A NaN takes over from everything, the
largest included.  A window whose taps all lie in the padding (dilation allows it) is −∞, without gradient.

Source: torch.nn.MaxPool2d; Y. Boureau, J. Ponce, Y. LeCun, "A theoretical analysis of feature pooling in
visual recognition" (2010).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.pooling._pooling import Pooling
from reference.windows import PerAxis, Window, put_back, read


@dataclass(frozen=True)
class MaxPool2d(Pooling):
    """Largest entry of each window of x."""

    dilation: PerAxis = 1

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        down, across = self._windows()
        rows, in_rows = _largest(x, x.ndim - 1, across)
        y, in_columns = _largest(rows, x.ndim - 2, down)
        return (y,), (in_rows, in_columns, x.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        in_rows, in_columns, x_shape = residuals
        down, across = self._windows()
        rows_bar = put_back(_shares(in_columns, y_bar), y_bar.ndim - 2, down, x_shape[-2])
        return (put_back(_shares(in_rows, rows_bar), y_bar.ndim - 1, across, x_shape[-1]),)

    def _taps(self) -> PerAxis:
        return self.dilation


def _largest(x: Array, axis: int, window: Window) -> tuple[Array, tuple[Array, ...]]:
    """Largest tap of each window along an axis, and for each tap, where it is that one."""
    taps = read(x, axis, window)
    first: Any = (False,) * (window.kernel - 1)
    if window.pads(x.shape[axis]) != (0, 0):
        inside = window.inside(x.shape[axis])
        inside = np.reshape(inside, (*inside.shape, *(1,) * (x.ndim - 1 - axis)))
        taps = tuple(np.where(within, tap, -math.inf) for within, tap in zip(inside, taps, strict=True))
        first = inside[1:] & ~inside[:-1]  # the first entry after padding beats it, though it be −∞
    largest = taps[0]
    wins: tuple[Array, ...] = (True,)
    for tap, entry in zip(taps[1:], first, strict=True):
        larger = (tap > largest) | (tap != tap) | entry
        largest = np.maximum(largest, tap)
        wins = (*(win & ~larger for win in wins), larger)
    return largest, wins


def _shares(wins: tuple[Array, ...], y_bar: Array) -> tuple[Array, ...]:
    return tuple(np.where(win, y_bar, 0) for win in wins)
