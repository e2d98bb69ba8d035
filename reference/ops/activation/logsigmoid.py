"""Logarithm of the logistic sigmoid, a = log σ(z) = −log(1 + e⁻ᶻ).

Derivation.  By the chain rule

    a′(z) = e⁻ᶻ / (1 + e⁻ᶻ) = 1 / (1 + eᶻ) = σ(−z)      so      z̄ = ā σ(−z).

Stability.  log(1 + e⁻ᶻ) = log1p(e^(−|z|)) + max(−z, 0) neither overflows nor cancels.

Differentiable everywhere.

Source: torch.nn.functional.logsigmoid; `softplus.py`, of which it is the mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.activation.sigmoid import sigmoid


@dataclass(frozen=True)
class Logsigmoid(Op):
    """a = log σ(z), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        return (-(np.log1p(np.exp(-np.abs(z))) + np.maximum(-z, 0)),), z

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z = residuals
        return (a_bar * sigmoid(-z),)
