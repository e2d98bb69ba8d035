"""Leaky rectified linear unit a = z for z > 0 and a = s z for z < 0, with the slope s = `negative_slope`.

Derivation.  Each half is linear:  z̄ = ā where z > 0, and z̄ = s ā where z < 0.

Not differentiable at z = 0 unless s = 1.  There the function is convex for s < 1 and concave for s > 1,
its (sub- or super-) gradients fill the interval between s and 1, and the convention is the one of least
norm, as torch documents ("Gradients for non-differentiable functions" in its notes on autograd):

    z̄ = min(max(s, 0), 1) ā      at z = 0,

which is s for 0 ≤ s ≤ 1, 0 for a negative s, and 1 for s > 1.

A NaN is passed on, with the slope s: it is not above 0.

Source: A. Maas, A. Hannun, A. Ng, "Rectifier nonlinearities improve neural network acoustic models"
(2013); torch.nn.functional.leaky_relu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class LeakyRelu(Op):
    """a = max(z, 0) + negative_slope · min(z, 0), elementwise."""

    negative_slope: float = 0.01

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        sides = z > 0, z == 0
        return (self._sloped(z, *sides),), sides

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        return (self._sloped(a_bar, *residuals),)

    def _sloped(self, x: Array, positive: Array, zero: Array) -> Array:
        """Multiply x by the slope at z; for x = z that is the function itself."""
        at_zero = min(max(self.negative_slope, 0.0), 1.0)
        return np.where(positive, x, np.where(zero, at_zero * x, self.negative_slope * x))
