"""Soft shrinkage: a = z − λ where z > λ, a = z + λ where z < −λ, else 0, with λ = `lambd` ≥ 0.

Derivation.  Outside of [−λ, λ] the slope is 1, and inside a is constant:

    z̄ = ā where |z| > λ, else 0.

Not differentiable at z = ±λ for λ > 0.  The function is convex about λ and concave about −λ, with the (sub-
or super-) gradients [0, 1], and the convention is the one of least norm, 0, as torch documents ("Gradients
for non-differentiable functions" in its notes on autograd).  For λ = 0 it is the identity, and its
derivative is 1 everywhere, at z = 0 too.

A NaN is passed on, and so is its cotangent: it lies within no bounds.  Torch passes the NaN on, documents no
slope there, and takes 0 or 1 depending on where in memory the NaN lies.

Source: D. Donoho, I. Johnstone, "Ideal spatial adaptation by wavelet shrinkage" (1994), equation 9;
torch.nn.functional.softshrink.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Softshrink(Op):
    """a = z moved towards 0 by lambd, but not past it, elementwise."""

    lambd: float = 0.5

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        if self.lambd < 0:
            raise self.refuse("z", z, f"cannot be shrunk by lambd={self.lambd} < 0")
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        inside = (np.abs(z) <= self.lambd) & (self.lambd != 0)
        shrunk = np.where(z > 0, z - self.lambd, z + self.lambd)
        return (np.where(inside, 0, shrunk),), inside

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        inside = residuals
        return (np.where(inside, 0, a_bar),)
