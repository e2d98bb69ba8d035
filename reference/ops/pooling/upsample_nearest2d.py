"""Images of another `size`, each entry copied from the nearest one before it.

Along an axis, from n entries to o,

    y_i = x_j      with      j = ⌊i n / o⌋,

in whole numbers: there is no rounding in it.  (This is what torch, after OpenCV, calls "nearest"; the entry
nearest to the middle, ⌊(i + ½) n / o⌋, is its "nearest-exact".)

Derivation.  y = Tx with a 0/1 matrix T of one 1 a row, so x̄ = Tᵀȳ: the cotangents of all copies of an
entry are added, and an entry that was left out has the gradient 0 (`scatter_add`).  One axis is done after
the other, and so is the adjoint.

Differentiable everywhere.

Source: torch.nn.functional.interpolate, mode "nearest"; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.scatter import scatter_add
from reference.windows import PerAxis, per_axis


@dataclass(frozen=True)
class UpsampleNearest2d(Op):
    """x (n, c, h, w) with the height and width `size`."""

    size: PerAxis = 1

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if len(x) != 4:
            raise self.refuse("x", x, "needs the axes (n, c, h, w)")
        if 0 in x[-3:]:
            raise self.refuse("x", x, "has no entries")
        sizes = per_axis(self.size, 2)
        if len(sizes) != 2 or min(sizes) < 1:
            raise self.refuse("x", x, f"cannot have size={self.size}")
        return ((*x[:-2], *sizes),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        rows, columns = self._sources(x.shape)
        return (np.take(np.take(x, rows, axis=2), columns, axis=3),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        rows, columns = self._sources(residuals)
        rows_bar = scatter_add(y_bar, columns, residuals[3], axis=3)
        return (scatter_add(rows_bar, rows, residuals[2], axis=2),)

    def _sources(self, x: Shape) -> tuple[Array, Array]:
        """For each row and each column of y, the one of x that it is copied from."""
        height, width = per_axis(self.size, 2)
        return np.arange(height) * x[2] // height, np.arange(width) * x[3] // width
