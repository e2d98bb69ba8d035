"""Means over a grid of `output_size` windows that covers the image, whatever its size.

Along an axis of n entries, window i of o covers the entries

    ⌊i n / o⌋ … ⌈(i + 1) n / o⌉ − 1,

which is a partition where o divides n; otherwise neighbours share an entry, and with o > n entries repeat.
y is the mean over the window, of D = (its height) (its width) entries.

Derivation.  As in `avg_pool2d`: every entry of a window enters with the factor 1/D, and all windows that
cover an entry add.  Windows differ in length, so tap u reads entry ⌊i n / o⌋ + u of every window that is
long enough, and 0 for the others (a choice, not a factor: an entry that is infinite stays out of windows
that do not cover it).  Reading is `take`, with the adjoint `scatter_add`.

Differentiable everywhere.

Source: torch.nn.AdaptiveAvgPool2d; K. He et al., "Spatial pyramid pooling in deep convolutional networks
for visual recognition", arXiv:1406.4729, for the windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.pooling._pooling import areas
from reference.scatter import scatter_add
from reference.windows import per_axis


@dataclass(frozen=True)
class AdaptiveAvgPool2d(Op):
    """Means over windows of x, (n, c, h, w) or (c, h, w); None keeps the size of an axis."""

    output_size: int | tuple[int | None, ...] = 1

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if len(x) not in (3, 4):
            raise self.refuse("x", x, "needs the axes (n, c, h, w) or (c, h, w)")
        if 0 in x[-3:]:
            raise self.refuse("x", x, "has no entries")
        sizes = per_axis(self.output_size, 2)
        if len(sizes) != 2 or any(size is not None and size < 1 for size in sizes):
            raise self.refuse("x", x, f"cannot have output_size={self.output_size}")
        return ((*x[:-2], *self._sizes(x)),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        height, width = self._sizes(x.shape)
        heights, widths = _lengths(x.shape[-2], height), _lengths(x.shape[-1], width)
        area = areas(heights, widths, like=x)
        rows = _sums(x, x.ndim - 1, width)
        return (_sums(rows, x.ndim - 2, height) / area,), (area, x.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        area, x_shape = residuals
        rows_bar = _spread(y_bar / area, y_bar.ndim - 2, x_shape[-2])
        return (_spread(rows_bar, y_bar.ndim - 1, x_shape[-1]),)

    def _sizes(self, x: Shape) -> tuple[int, int]:
        sizes = per_axis(self.output_size, 2)
        height, width = (n if size is None else size for n, size in zip(x[-2:], sizes, strict=True))
        return height, width


def _starts(n: int, windows: int) -> Array:
    return np.arange(windows) * n // windows


def _lengths(n: int, windows: int) -> Array:
    """Numbers of entries of all windows on an axis of `n`."""
    return -(-(np.arange(windows) + 1) * n // windows) - _starts(n, windows)


def _taps(n: int, windows: int, behind: int) -> list[tuple[Array, Array]]:
    """For each tap, the entry that it reads in every window, and whether the window is that long.

    The second has `behind` axes of size 1 at the end, to be broadcast with the array that is read.
    """
    starts, lengths = _starts(n, windows), _lengths(n, windows)
    return [
        (-np.maximum(-starts - u, 1 - n), np.reshape(u < lengths, (windows, *(1,) * behind)))
        for u in range(np.max(lengths))
    ]


def _sums(x: Array, axis: int, windows: int) -> Array:
    """Sums over all windows along an axis."""
    taps = _taps(x.shape[axis], windows, x.ndim - axis - 1)
    parts = [np.where(covered, np.take(x, places, axis=axis), 0) for places, covered in taps]
    return sum(parts[1:], parts[0])


def _spread(y_bar: Array, axis: int, n: int) -> Array:
    """Adjoint of `_sums`, on an axis of `n` entries."""
    taps = _taps(n, y_bar.shape[axis], y_bar.ndim - axis - 1)
    parts = [scatter_add(np.where(covered, y_bar, 0), places, n, axis) for places, covered in taps]
    return sum(parts[1:], parts[0])
