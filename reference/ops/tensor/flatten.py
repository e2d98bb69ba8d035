"""Neighbouring axes made one.

Derivation.  The entries and their row-major order stay, so the cotangent is given x's shape again.

A scalar becomes a vector of one entry.

Differentiable everywhere.

Source: torch.flatten; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis, size


@dataclass(frozen=True)
class Flatten(Op):
    """x with its axes from `start_dim` to `end_dim`, both included, as one."""

    start_dim: int = 0
    end_dim: int = -1

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        first, last = (normalize_axis(axis, len(x) or 1) for axis in (self.start_dim, self.end_dim))
        if first is None or last is None or first > last:
            raise self.refuse(
                "x", x, f"has no axes from start_dim={self.start_dim} to end_dim={self.end_dim}"
            )
        return (self._flattened(x),)

    def _flattened(self, x: Shape) -> Shape:
        last = self.end_dim % (len(x) or 1)
        return (*x[: self.start_dim], size(x[self.start_dim : last + 1]), *x[last + 1 :])

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.reshape(x, self._flattened(x.shape)),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (np.reshape(y_bar, residuals),)
