"""A new axis of size 1.

Derivation.  The entries and their row-major order stay, so the cotangent is given x's shape again.

Differentiable everywhere.

Source: torch.unsqueeze; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Unsqueeze(Op):
    """x with an axis of size 1 at the place `dim` of the result."""

    dim: int = 0

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if normalize_axis(self.dim, len(x) + 1) is None:
            raise self.refuse("x", x, f"has no place dim={self.dim} for a new axis")
        return (self._unsqueezed(x),)

    def _unsqueezed(self, x: Shape) -> Shape:
        axis = self.dim % (len(x) + 1)
        return (*x[:axis], 1, *x[axis:])

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.reshape(x, self._unsqueezed(x.shape)),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (np.reshape(y_bar, residuals),)
