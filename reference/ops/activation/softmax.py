"""Softmax a_i = e^(z_i) / Σ_k e^(z_k) along one axis.

Derivation.  With S = Σ_k e^(z_k),

    ∂a_i/∂z_j = (δ_ij e^(z_i) S − e^(z_i) e^(z_j)) / S² = a_i (δ_ij − a_j),

    z̄_j = Σ_i ā_i a_i (δ_ij − a_j) = a_j (ā_j − Σ_i ā_i a_i).

A cotangent of ones gives exactly 0, since Σ a_i = 1 whatever z is: softmax must never be tested with
the gradient of its sum.

Stability.  z is shifted by its maximum (`_softmax.py`).

Differentiable everywhere.

Source: J. Bridle, "Probabilistic interpretation of feedforward classification network outputs"
(1990); torch.nn.functional.softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.activation._softmax import AlongAxis, powers


@dataclass(frozen=True)
class Softmax(AlongAxis):
    """Softmax of z along the axis `dim`."""

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        _, e, total = powers(z, self.dim)
        a = e / total
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        weighted = a_bar * a
        return (weighted - a * np.sum(weighted, axis=self.dim, keepdims=True),)
