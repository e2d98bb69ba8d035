"""Softplus a = log(1 + e^(βz)) / β, and a = z where βz > threshold.

Derivation.  Below the threshold the chain rule gives

    a′(z) = (1/β) · β e^(βz) / (1 + e^(βz)) = σ(βz),

and above it a′(z) = 1:   z̄ = ā σ(βz) where βz ≤ threshold, else ā.

Stability.  log(1 + eᵗ) = log1p(e^(−|t|)) + max(t, 0) neither overflows nor cancels.

Not differentiable, and not continuous, at βz = threshold: the logarithm there exceeds z by
log1p(e^(−threshold)) / β.  The point itself belongs to the logarithm, as torch documents ("reverts
to the linear function when input × β > threshold").

Source: C. Dugas et al., "Incorporating second-order functional knowledge for better option pricing"
(2000); torch.nn.functional.softplus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.activation.sigmoid import sigmoid


@dataclass(frozen=True)
class Softplus(Op):
    """a = log(1 + exp(beta z)) / beta, linear where beta z > threshold."""

    beta: float = 1.0
    threshold: float = 20.0

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        t = self.beta * z
        linear = t > self.threshold
        a = np.where(linear, z, (np.log1p(np.exp(-np.abs(t))) + np.maximum(t, 0)) / self.beta)
        return (a,), (t, linear)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        t, linear = residuals
        return (np.where(linear, a_bar, a_bar * sigmoid(t)),)
