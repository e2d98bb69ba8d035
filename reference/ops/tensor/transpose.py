"""Transpose: two axes exchanged.

Derivation.  y = Px with a permutation matrix P, so x̄ = Pᵀȳ, and Pᵀ = P⁻¹: the axes are exchanged back,
which is the same exchange.

Differentiable everywhere.

Source: torch.transpose; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of


@dataclass(frozen=True)
class Transpose(Op):
    """x with the axes `dim0` and `dim1` exchanged."""

    dim0: int = 0
    dim1: int = 1

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        for attribute in ("dim0", "dim1"):
            axis_of(self, "x", x, attribute)
        return (tuple(x[axis] for axis in self._axes(len(x))),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.transpose(x, self._axes(x.ndim)),), None

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (np.transpose(y_bar, self._axes(y_bar.ndim)),)

    def _axes(self, ndim: int) -> tuple[int, ...]:
        one, other = self.dim0 % ndim, self.dim1 % ndim
        return tuple(other if axis == one else one if axis == other else axis for axis in range(ndim))
