"""Softmin a_i = e^(−z_i) / Σ_k e^(−z_k) along one axis: softmax of −z.

Derivation.  With ∂softmax_i/∂x_j = a_i (δ_ij − a_j) at x = −z (`softmax.py`) and ∂x/∂z = −1

    ∂a_i/∂z_j = a_i (a_j − δ_ij),

    z̄_j = Σ_i ā_i a_i (a_j − δ_ij) = a_j (Σ_i ā_i a_i − ā_j).

Stability.  −z is shifted by its maximum (`_softmax.py`).

Differentiable everywhere.

Source: torch.nn.functional.softmin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.activation._softmax import AlongAxis, powers


@dataclass(frozen=True)
class Softmin(AlongAxis):
    """Softmax of −z along the axis `dim`."""

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        _, e, total = powers(-z, self.dim)
        a = e / total
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        weighted = a_bar * a
        return (a * np.sum(weighted, axis=self.dim, keepdims=True) - weighted,)
