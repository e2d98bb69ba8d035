"""Expansion: axes of size 1 are repeated to the sizes asked for, and new axes put in front.

Derivation.  y = Bx with a 0/1 matrix B that copies entries, so x̄ = Bᵀȳ: the cotangents of all copies of
an entry are added (see `reference/shapes.py`).  A size of 0 makes no copy at all, and x̄ = 0.

Differentiable everywhere.

Source: torch.Tensor.expand; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import broadcast, unbroadcast


@dataclass(frozen=True)
class Expand(Op):
    """x broadcast to `size`, in which −1 keeps an axis as it is."""

    size: tuple[int, ...] = ()

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        y = self._expanded(x)
        if len(y) != len(self.size) or any(n < 0 for n in y) or broadcast(x, y) != y:
            raise self.refuse("x", x, f"cannot be expanded to size={self.size}")
        return (y,)

    def _expanded(self, x: Shape) -> Shape:
        """`size` with the axes of x in the place of −1; a new axis has none to keep."""
        new = len(self.size) - len(x)
        kept = zip(self.size[new:], x, strict=False)
        return self.size[:new] + tuple(n if wanted == -1 else wanted for wanted, n in kept)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.broadcast_to(x, self._expanded(x.shape)),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (unbroadcast(y_bar, residuals),)
