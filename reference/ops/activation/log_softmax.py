"""Logarithm of softmax a_i = z_i − log Σ_k e^(z_k) along one axis.

Derivation.  The derivative of log Σ_k e^(z_k) by z_j is e^(z_j) / Σ_k e^(z_k) = p_j, the softmax:

    ∂a_i/∂z_j = δ_ij − p_j      so      z̄_j = ā_j − p_j Σ_i ā_i.

Stability.  z is shifted by its maximum, as in softmax; the shift cancels.  The logarithm is never taken
of a single power, which may have underflowed to 0, but of their sum, which is at least 1.

Differentiable everywhere.

Source: C. Bishop, "Pattern Recognition and Machine Learning" (2006), equation 4.106;
torch.nn.functional.log_softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class LogSoftmax(Op):
    """Logarithm of the softmax of z along the axis `dim`."""

    dim: int = -1

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        if normalize_axis(self.dim, len(z)) is None:
            raise self.refuse("z", z, f"has no axis dim={self.dim}")
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        if 0 in z.shape:  # an empty axis has no maximum to shift by, and nothing to shift
            return (z,), z
        shifted = z - np.max(z, axis=self.dim, keepdims=True)
        e = np.exp(shifted)
        total = np.sum(e, axis=self.dim, keepdims=True)
        return (shifted - np.log(total),), e / total

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        p = residuals
        return (a_bar - p * np.sum(a_bar, axis=self.dim, keepdims=True),)
