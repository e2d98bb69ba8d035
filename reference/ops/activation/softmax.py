"""Softmax a_i = e^(z_i) / Σ_k e^(z_k) along one axis.

Derivation.  With S = Σ_k e^(z_k),

    ∂a_i/∂z_j = (δ_ij e^(z_i) S − e^(z_i) e^(z_j)) / S² = a_i (δ_ij − a_j),

    z̄_j = Σ_i ā_i a_i (δ_ij − a_j) = a_j (ā_j − Σ_i ā_i a_i).

A cotangent of ones gives exactly 0, since Σ a_i = 1 whatever z is: softmax must never be tested with
the gradient of its sum.

Stability.  z is shifted by its maximum, which changes nothing (numerator and denominator are scaled
alike) and keeps e^(z) ≤ 1.  The shift is a constant, not a function of z, for the derivative.

Differentiable everywhere.

Source: J. Bridle, "Probabilistic interpretation of feedforward classification network outputs"
(1990); torch.nn.functional.softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Softmax(Op):
    """Softmax of z along the axis `dim`."""

    dim: int = -1

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        if normalize_axis(self.dim, len(z)) is None:
            raise self.refuse("z", z, f"has no axis dim={self.dim}")
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        if 0 in z.shape:  # an empty axis has no maximum to shift by, and nothing to shift
            return (z,), z
        e = np.exp(z - np.max(z, axis=self.dim, keepdims=True))
        a = e / np.sum(e, axis=self.dim, keepdims=True)
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        weighted = a_bar * a
        return (weighted - a * np.sum(weighted, axis=self.dim, keepdims=True),)
