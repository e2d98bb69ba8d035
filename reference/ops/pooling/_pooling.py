"""What the poolings have in common: attributes, the check of shapes, and windows.

Torch asks that the padding be at most half of the kernel's size, and that at least one window fits.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference.op import Op, Shape
from reference.windows import Pair, Window, pair


@dataclass(frozen=True)
class Pooling(Op):
    """Windows over the last two axes of x, (n, c, h, w) or (c, h, w); they do not overlap by default."""

    kernel_size: Pair = 2
    stride: Pair | None = None
    padding: Pair = 0
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

    def _taps(self) -> Pair:
        """Distances of the taps of a window; other than 1 where an op has dilation."""
        return 1

    def _attributes(self) -> tuple[tuple[int, ...], ...]:
        stride = self.kernel_size if self.stride is None else self.stride
        return pair(self.kernel_size), pair(stride), pair(self._taps()), pair(self.padding)

    def _windows(self) -> tuple[Window, Window]:
        """The windows along the height and along the width."""
        axes = zip(*self._attributes(), strict=True)
        down, across = (Window(k, s, d, p, p, self.ceil_mode) for k, s, d, p in axes)
        return down, across
