"""Hard shrinkage: a = z where |z| > λ, else 0, with λ = `lambd`.

Derivation.  z passes outside of [−λ, λ], and a is constant inside:

    z̄ = ā where |z| > λ, else 0.

Not differentiable, and not even continuous, at z = ±λ for λ > 0.  The points themselves belong to the
inside, as torch documents ("x if x > λ or x < −λ, 0 otherwise"), and have its derivative, 0.  For λ = 0
the function is the identity, and so it is for λ < 0: the derivative is 1 everywhere, at z = 0 too.

A NaN is passed on, and so is its cotangent: it lies within no bounds.  Torch passes the NaN on, documents no
slope there, and takes 0 or 1 depending on where in memory the NaN lies.

Source: torch.nn.functional.hardshrink; D. Donoho, I. Johnstone, "Ideal spatial adaptation by wavelet
shrinkage" (1994), for hard and soft thresholding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Hardshrink(Op):
    """a = z where |z| > lambd, else 0, elementwise."""

    lambd: float = 0.5

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        inside = (np.abs(z) <= self.lambd) & (self.lambd != 0)
        return (np.where(inside, 0, z),), inside

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        inside = residuals
        return (np.where(inside, 0, a_bar),)
