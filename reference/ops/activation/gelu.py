"""Gaussian error linear unit a = z Φ(z), Φ the distribution function of the standard normal.

Forward, exactly (`approximate="none"`) or by a hyperbolic tangent (`"tanh"`):

    Φ(z) = ½ (1 + erf(z/√2))        Φ(z) ≈ ½ (1 + tanh p(z)),  p(z) = √(2/π) (z + 0.044715 z³)

Derivation.  By the product rule a′ = Φ + z Φ′.  Since erf′(t) = (2/√π) e^(−t²), the chain rule gives the
normal density,

    Φ′(z) = ½ (2/√π) e^(−z²/2) (1/√2) = e^(−z²/2) / √(2π),

and for the approximation, with t = tanh p(z),

    Φ′(z) = ½ (1 − t²) p′(z),   p′(z) = √(2/π) (1 + 3 · 0.044715 z²).

z̄ = ā (Φ + z Φ′).  Differentiable everywhere.

Source: D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415, §2;
torch.nn.functional.gelu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import erf

from reference.constants import constant
from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Gelu(Op):
    """a = z Φ(z), elementwise, with Φ exact or approximated by a tanh."""

    approximate: Literal["none", "tanh"] = "none"

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        if self.approximate == "none":
            t = erf(z * constant("1/sqrt(2)", like=z))
        else:
            cubic = constant("0.044715", like=z) * (z * z * z)
            t = np.tanh(constant("sqrt(2/pi)", like=z) * (z + cubic))
        phi = 0.5 * (1 + t)
        return (z * phi,), (z, t, phi)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z, t, phi = residuals
        if self.approximate == "none":
            density = constant("1/sqrt(2*pi)", like=z) * np.exp(-0.5 * (z * z))
        else:
            slope = 1 + 3 * constant("0.044715", like=z) * (z * z)
            density = 0.5 * (1 - t * t) * (constant("sqrt(2/pi)", like=z) * slope)
        return (a_bar * (phi + z * density),)
