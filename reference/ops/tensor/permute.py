"""Axes in another order: the axis k of y is the axis dims[k] of x.

Derivation.  y holds the entries of x at other places, y = Px with a permutation matrix P, and x̄ = Pᵀȳ is
P⁻¹ȳ: the axes of ȳ in the inverse order.  The inverse of k → dims[k] sorts: place a holds the k for
which dims[k] = a.  (A swap of two axes is its own inverse, which hides a forgotten inversion; a cycle of
three is not.)

Differentiable everywhere.

Source: torch.permute; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Permute(Op):
    """x with its axes in the order `dims`."""

    dims: tuple[int, ...] = ()

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axes = [normalize_axis(axis, len(x)) for axis in self.dims]
        if None in axes or len(set(axes)) != len(axes) or len(axes) != len(x):
            raise self.refuse("x", x, f"cannot take its axes in the order dims={self.dims}")
        return (tuple(x[axis] for axis in self.dims),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axes = tuple(axis % x.ndim for axis in self.dims)
        return (np.transpose(x, axes),), axes

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        axes = residuals
        return (np.transpose(y_bar, sorted(range(len(axes)), key=lambda k: axes[k])),)
