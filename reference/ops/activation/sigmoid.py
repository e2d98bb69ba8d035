"""Logistic sigmoid a = σ(z) = 1 / (1 + e⁻ᶻ).

Derivation.  By the quotient rule

    σ′(z) = e⁻ᶻ / (1 + e⁻ᶻ)² = σ(z) (1 − σ(z)),

so the gain of the chapter's amplifier is known from the forward value alone:  z̄ = ā a (1 − a).

Stability.  For z → −∞ the power e⁻ᶻ overflows to ∞ and a becomes 0, which is the limit.

Differentiable everywhere.

Source: the chapter, figures 8–11; torch.sigmoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Sigmoid(Op):
    """a = σ(z), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        a = 1 / (1 + np.exp(-z))
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        return (a_bar * (a * (1 - a)),)
