"""Scaled exponential linear unit a = λ z for z > 0, and a = λ α (eᶻ − 1) for z ≤ 0.

Derivation.  (eᶻ − 1)′ = eᶻ, so

    z̄ = λ ā where z > 0,      z̄ = λ α eᶻ ā where z ≤ 0.

Not differentiable at z = 0, where the slopes are λα ≈ 1.758 from the left and λ ≈ 1.051 from the right.
The function is neither convex nor concave there, so the derivative is continued from one side, as torch
documents, and the formula above says from which: λα, the slope of the branch that z = 0 belongs to.

A NaN is passed on, and its slope is NaN, that of the exponential.  In torch that is so, or the slope is that
of z > 0, depending on where in memory the NaN lies.

Stability.  eᶻ − 1 = expm1(z) keeps the digits of a small z.

λ and α make mean 0 and variance 1 a fixed point; they are given by 31 decimals in torch's documentation.

Source: G. Klambauer et al., "Self-normalizing neural networks", arXiv:1706.02515, equation 2;
torch.nn.functional.selu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.constants import constant
from reference.op import Array, Op, Shape

ALPHA, LAMBDA = "1.6732632423543772848170429916717", "1.0507009873554804934193349852946"


@dataclass(frozen=True)
class Selu(Op):
    """a = λ (max(z, 0) + min(0, α (exp(z) − 1))), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        linear = z > 0
        a = np.where(linear, z, constant(ALPHA, like=z) * np.expm1(z))
        return (constant(LAMBDA, like=z) * a,), (z, linear)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z, linear = residuals
        slope = np.where(linear, 1, constant(ALPHA, like=z) * np.exp(z))
        return (constant(LAMBDA, like=z) * slope * a_bar,)
