"""What all reductions over axes share: attributes, shapes, and the way back for a cotangent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import reduced, reduced_axes


@dataclass(frozen=True)
class AxesReduction(Op):
    """Reduction of x over the axes `dim` (all of them for None), kept with size 1 if `keepdim`."""

    dim: tuple[int, ...] | None = None
    keepdim: bool = False

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        return (reduced(x, self.axes(x), self.keepdim),)

    def axes(self, x: Shape) -> tuple[int, ...]:
        """The axes that are reduced, counted from the front."""
        axes = reduced_axes(self.dim, len(x))
        if axes is None:
            raise self.refuse("x", x, f"cannot be reduced over dim={self.dim}")
        return axes

    def kept(self, y_bar: Array, x: Shape) -> Array:
        """A cotangent of the result with the reduced axes put back, of size 1."""
        return np.reshape(y_bar, reduced(x, self.axes(x), keepdim=True))
