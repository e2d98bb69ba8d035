"""Rectified linear unit a = max(z, 0).

Derivation.  For z > 0, a = z and the derivative is 1; for z < 0, a = 0 and the derivative is 0:

    z̄ = ā where z > 0, 0 where z < 0.

Not differentiable at z = 0.  There relu is convex with the subgradients [0, 1], and the convention
is the one of least norm, 0.  Torch documents the same ("Gradients for non-differentiable functions"
in its notes on autograd: for a convex function the subgradient of minimum norm).

Where, not times: an infinite cotangent at a dead unit gives 0, whereas ∞ · 0 would be NaN.  A NaN is
passed on, and so is its cotangent.

Source: V. Nair and G. Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010);
torch.nn.functional.relu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Relu(Op):
    """a = max(z, 0), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.maximum(z, 0),), z

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z = residuals
        return (np.where(z <= 0, 0, a_bar),)
