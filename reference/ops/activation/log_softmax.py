"""Logarithm of softmax a_i = z_i − log Σ_k e^(z_k) along one axis.

Derivation.  The derivative of log Σ_k e^(z_k) by z_j is e^(z_j) / Σ_k e^(z_k) = p_j, the softmax:

    ∂a_i/∂z_j = δ_ij − p_j      so      z̄_j = ā_j − p_j Σ_i ā_i.

Stability.  z is shifted by its maximum (`_softmax.py`): the logarithm is taken of a sum that is at least 1.

Differentiable everywhere.

Source: C. Bishop, "Pattern Recognition and Machine Learning" (2006), equation 4.106;
torch.nn.functional.log_softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.activation._softmax import AlongAxis, log_softmax


@dataclass(frozen=True)
class LogSoftmax(AlongAxis):
    """Logarithm of the softmax of z along the axis `dim`."""

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        a, p = log_softmax(z, self.dim)
        return (a,), p

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        p = residuals
        return (a_bar - p * np.sum(a_bar, axis=self.dim, keepdims=True),)
