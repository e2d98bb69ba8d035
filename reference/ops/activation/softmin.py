"""Softmin a_i = e^(−z_i) / Σ_k e^(−z_k) along one axis: softmax of −z.

Derivation.  With ∂softmax_i/∂x_j = a_i (δ_ij − a_j) at x = −z (`softmax.py`) and ∂x/∂z = −1

    ∂a_i/∂z_j = a_i (a_j − δ_ij),

    z̄_j = Σ_i ā_i a_i (a_j − δ_ij) = a_j (Σ_i ā_i a_i − ā_j).

Stability.  −z is shifted by its maximum, which changes nothing and keeps the exponentials ≤ 1.

Differentiable everywhere.

Source: torch.nn.functional.softmin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Softmin(Op):
    """Softmax of −z along the axis `dim`."""

    dim: int = -1

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        if normalize_axis(self.dim, len(z)) is None:
            raise self.refuse("z", z, f"has no axis dim={self.dim}")
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        if 0 in z.shape:  # an empty axis has no minimum to shift by, and nothing to shift
            return (z,), z
        x = -z
        e = np.exp(x - np.max(x, axis=self.dim, keepdims=True))
        a = e / np.sum(e, axis=self.dim, keepdims=True)
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        weighted = a_bar * a
        return (a * np.sum(weighted, axis=self.dim, keepdims=True) - weighted,)
