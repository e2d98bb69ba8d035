"""Mish a = z tanh(softplus(z)), with softplus(z) = log(1 + eᶻ).

Derivation.  With t = tanh(softplus(z)), softplus′ = σ (`softplus.py`) and tanh′ = 1 − tanh² (`tanh.py`)

    a′(z) = t + z (1 − t²) σ(z).

Stability.  log(1 + eᶻ) = log1p(e^(−|z|)) + max(z, 0) neither overflows nor cancels.  At z = −∞ the formula
is −∞ · 0 = NaN, as in torch.

Differentiable everywhere.

Source: D. Misra, "Mish: a self regularized non-monotonic activation function", arXiv:1908.08681;
torch.nn.functional.mish.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.activation.sigmoid import sigmoid


@dataclass(frozen=True)
class Mish(Op):
    """a = z tanh(log(1 + exp(z))), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        t = np.tanh(np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0))
        return (z * t,), (z, t)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z, t = residuals
        return (a_bar * (t + z * (1 - t * t) * sigmoid(z)),)
