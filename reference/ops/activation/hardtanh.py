"""Hard hyperbolic tangent: z, held between `min_val` and `max_val`.

Derivation.  The derivative is 1 between the bounds and 0 beyond them:

    z̄ = ā where min_val < z < max_val, else 0.

Not differentiable at the bounds.  The function is convex about the lower and concave about the upper one,
with the (sub- or super-) gradients [0, 1], and the convention is the one of least norm, 0, as torch
documents ("Gradients for non-differentiable functions" in its notes on autograd).  With equal bounds the
function is constant.

A NaN is passed on, and so is its cotangent: it lies beyond no bound.  Torch passes the NaN on, documents no
slope there, and takes 0 or 1 depending on where in memory the NaN lies.

Source: R. Collobert, "Large scale machine learning" (2004), §3.2; torch.nn.functional.hardtanh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Hardtanh(Op):
    """a = min(max(z, min_val), max_val), elementwise."""

    min_val: float = -1.0
    max_val: float = 1.0

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        if self.min_val > self.max_val:
            raise self.refuse("z", z, f"cannot be held in min_val={self.min_val} … max_val={self.max_val}")
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        low, high = z <= self.min_val, z >= self.max_val
        a = np.where(low, self.min_val, np.where(high, self.max_val, z))
        return (a,), low | high

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        beyond = residuals
        return (np.where(beyond, 0, a_bar),)
