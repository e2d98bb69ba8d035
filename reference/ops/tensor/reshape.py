"""Reshape: the same entries in row-major order, under another shape.

Derivation.  y = Px with a permutation matrix P (here the identity on the row-major order), so
x̄ = Pᵀȳ: the cotangent is given x's shape again.

Differentiable everywhere.

Source: torch.reshape; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import size


@dataclass(frozen=True)
class Reshape(Op):
    """x with the shape `shape`, which is written out in full (no −1)."""

    shape: tuple[int, ...] = ()

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if any(n < 0 for n in self.shape) or size(x) != size(self.shape):
            raise self.refuse("x", x, f"cannot take shape={self.shape}")
        return (self.shape,)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.reshape(x, self.shape),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (np.reshape(y_bar, residuals),)
