"""Sigmoid linear unit, or swish: a = z σ(z).

Derivation.  By the product rule and σ′ = σ (1 − σ) (`sigmoid.py`)

    a′(z) = σ(z) + z σ(z) (1 − σ(z)) = σ(z) (1 + z (1 − σ(z))).

At z = −∞ the formula is −∞ · 0 = NaN, as in torch.

Differentiable everywhere.

Source: S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network function
approximation in reinforcement learning", arXiv:1702.03118; torch.nn.functional.silu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array, Op, Shape
from reference.ops.activation.sigmoid import sigmoid


@dataclass(frozen=True)
class Silu(Op):
    """a = z σ(z), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        s = sigmoid(z)
        return (z * s,), (z, s)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z, s = residuals
        return (a_bar * (s * (1 + z * (1 - s))),)
