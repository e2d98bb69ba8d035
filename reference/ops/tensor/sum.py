"""Sum over axes, y = Σ x.

Derivation.  Every summand has ∂y/∂x_i = 1, so the cotangent of the sum is copied to all of them:
summation and broadcasting are each other's adjoint.

    x̄_i = ȳ

Differentiable everywhere.

Source: torch.sum; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Sum(Op):
    """Sum of x over the axes `dim` (all of them for None), kept with size 1 if `keepdim`."""

    dim: tuple[int, ...] | None = None
    keepdim: bool = False

    def _axes(self, x: Shape) -> tuple[int, ...]:
        if self.dim is None:
            return tuple(range(len(x)))
        axes = tuple(normalize_axis(axis, len(x)) for axis in self.dim)
        if not axes or None in axes or len(set(axes)) < len(axes):
            raise self.refuse("x", x, f"cannot be summed over dim={self.dim}")
        return tuple(axis for axis in axes if axis is not None)

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axes = self._axes(x)
        kept = tuple(1 if axis in axes else n for axis, n in enumerate(x))
        dropped = tuple(n for axis, n in enumerate(x) if axis not in axes)
        return (kept if self.keepdim else dropped,)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        y = np.sum(x, axis=self._axes(x.shape), keepdims=self.keepdim)
        return (y,), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        axes = self._axes(residuals)
        kept = tuple(1 if axis in axes else n for axis, n in enumerate(residuals))
        return (np.broadcast_to(np.reshape(y_bar, kept), residuals),)
