"""Continuously differentiable exponential linear unit: a = z for z > 0, a = α (e^(z/α) − 1) for z ≤ 0.

Derivation.  By the chain rule (α e^(z/α))′ = e^(z/α):

    z̄ = ā where z > 0,      z̄ = e^(z/α) ā where z ≤ 0,

which is e^(min(z, 0)/α) ā on either side.

Differentiable everywhere: at z = 0 both sides have the slope 1, whatever α ≠ 0 is.  A negative α makes the
left branch fall exponentially.

A NaN is passed on, and its slope is NaN, that of the exponential.  In torch that is so, or the slope is that
of z > 0, depending on where in memory the NaN lies.

Stability.  e^(z/α) − 1 = expm1(z/α) keeps the digits of a small z.

Source: J. Barron, "Continuously differentiable exponential linear units", arXiv:1704.07483;
torch.nn.functional.celu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Celu(Op):
    """a = max(z, 0) + min(0, α (exp(z/α) − 1)), elementwise."""

    alpha: float = 1.0

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        if self.alpha == 0:
            raise self.refuse("z", z, "cannot be divided by alpha=0")
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        positive = z > 0
        low = np.where(positive, 0, z) / self.alpha
        return (np.where(positive, z, self.alpha * np.expm1(low)),), low

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        low = residuals
        return (np.exp(low) * a_bar,)
