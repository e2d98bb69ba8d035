"""What the poolings have in common: attributes, the check of shapes, windows and their areas.

Torch asks that the padding be at most half of the kernel's size, and that at least one window fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reference.op import Array, Op, Shape
from reference.windows import PerAxis, Window, per_axis


@dataclass(frozen=True)
class Pooling(Op):
    """Windows over the last two axes of x, (n, c, h, w) or (c, h, w); they do not overlap by default."""

    kernel_size: PerAxis = 2
    stride: PerAxis | None = None
    padding: PerAxis = 0
    ceil_mode: bool = False

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if len(x) not in (3, 4):
            raise self.refuse("x", x, "needs the axes (n, c, h, w) or (c, h, w)")
        if any(len(attribute) != 2 for attribute in self._attributes()):
            raise self.refuse("x", x, f"needs one number or two of each attribute: {self}")
        windows = self._windows()
        if not all(window.valid and 2 * window.before <= window.kernel for window in windows):
            raise self.refuse("x", x, f"has no windows like these: {self}")
        shape = tuple(window.count(n) for window, n in zip(windows, x[-2:], strict=True))
        if min(shape) < 1 or 0 in x[-3:]:
            raise self.refuse("x", x, f"has no room for {self}")
        return ((*x[:-2], *shape),)

    def _taps(self) -> PerAxis:
        """Distances of the taps of a window; other than 1 where an op has dilation."""
        return 1

    def _attributes(self) -> tuple[tuple[int, ...], ...]:
        stride = self.kernel_size if self.stride is None else self.stride
        return (
            per_axis(self.kernel_size, 2),
            per_axis(stride, 2),
            per_axis(self._taps(), 2),
            per_axis(self.padding, 2),
        )

    def _windows(self) -> tuple[Window, Window]:
        """The windows along the height and along the width."""
        axes = zip(*self._attributes(), strict=True)
        down, across = (Window(k, s, d, p, p, self.ceil_mode) for k, s, d, p in axes)
        return down, across


def areas(heights: Array, widths: Array, like: Array) -> Array:
    """For every window the number of its entries, in the number system of `like`.

    Plain integers would not do: float32 divided by integers is float64.
    """
    entries = np.reshape(heights, (-1, 1)) * widths
    area = np.zeros_like(like, shape=entries.shape)
    for number in range(1, np.max(entries) + 1):
        area = np.where(entries == number, number, area)
    return area
