"""Rectified linear unit with a ceiling, a = min(max(z, 0), 6).

Derivation.  The derivative is 1 between 0 and 6 and 0 beyond:  z̄ = ā where 0 < z < 6, else 0.

Not differentiable at 0 and at 6.  The function is convex about 0 and concave about 6, with the (sub- or
super-) gradients [0, 1], and the convention is the one of least norm, 0, as torch documents ("Gradients
for non-differentiable functions" in its notes on autograd).

A NaN is passed on, and so is its cotangent: it lies beyond no bound.  Torch passes the NaN on, documents no
slope there, and takes 0 or 1 depending on where in memory the NaN lies.

Source: A. Krizhevsky, "Convolutional deep belief networks on CIFAR-10" (2010); torch.nn.functional.relu6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Relu6(Op):
    """a = min(max(z, 0), 6), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        low, high = z <= 0, z >= 6
        return (np.where(low, 0, np.where(high, 6, z)),), low | high

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        beyond = residuals
        return (np.where(beyond, 0, a_bar),)
