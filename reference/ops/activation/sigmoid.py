"""Logistic sigmoid a = σ(z) = 1 / (1 + e⁻ᶻ).

Derivation.  By the quotient rule

    σ′(z) = e⁻ᶻ / (1 + e⁻ᶻ)² = σ(z) (1 − σ(z)),

so the gain of the chapter's amplifier is known from the forward value alone:  z̄ = ā a (1 − a).

Stability.  Where e⁻ᶻ overflows, a = eᶻ / (1 + eᶻ) may still be a (subnormal) number.  So the fraction is
expanded by e^m with m = min(z + c, 0), which is 1 unless z < −c:

    a = e^m / (e^m + e^(m − z)),      m − z = min(c, −z).

No power exceeds e^c, none is of a difference of infinities, and z + c is exact where it is not cut off: a
multiple of the last digit of z, and smaller than z.  For c = 64, e^c and e^−c are far from either end of
float32.  A shift by |z| would do as well, but brings a kink to 0, where σ has none.

Differentiable everywhere.

Source: the chapter, figures 8–11; torch.sigmoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape

FAR = 64  # the c of the docstring


def sigmoid(z: Array) -> Array:
    """σ(z), elementwise."""
    expanded = np.exp(-np.maximum(-z - FAR, 0))
    return expanded / (expanded + np.exp(-np.maximum(z, -FAR)))


@dataclass(frozen=True)
class Sigmoid(Op):
    """a = σ(z), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        a = sigmoid(z)
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        return (a_bar * (a * (1 - a)),)
