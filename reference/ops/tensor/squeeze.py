"""Axes of size 1 removed.

Derivation.  The entries and their row-major order stay, so the cotangent is given x's shape again.

Of the axes that `dim` names those that are not of size 1 stay: squeezing them is no error and does
nothing.  So what an axis of x becomes depends on its size.

Differentiable everywhere.

Source: torch.squeeze; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Squeeze(Op):
    """x without those of the axes `dim` (None: all) that have size 1."""

    dim: int | tuple[int, ...] | None = None

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axes = [normalize_axis(axis, len(x) or 1) for axis in self._named(x)]  # a scalar passes as a vector
        if None in axes or len(set(axes)) < len(axes):
            raise self.refuse("x", x, f"cannot be squeezed along dim={self.dim}")
        return (self._squeezed(x),)

    def _named(self, x: Shape) -> range | tuple[int, ...]:
        if self.dim is None:
            return range(len(x))
        return self.dim if isinstance(self.dim, tuple) else (self.dim,)

    def _squeezed(self, x: Shape) -> Shape:
        named = self._named(x)
        gone = [axis for axis, n in enumerate(x) if n == 1 and (axis in named or axis - len(x) in named)]
        return tuple(n for axis, n in enumerate(x) if axis not in gone)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.reshape(x, self._squeezed(x.shape)),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (np.reshape(y_bar, residuals),)
