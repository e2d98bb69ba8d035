"""Hard swish: 0 for z ≤ −3, z for z ≥ 3, and z (z + 3) / 6 between.

Derivation.  The parabola (z² + 3z)/6 has the derivative (2z + 3)/6:

    z̄ = 0 where z ≤ −3,      z̄ = (2z + 3)/6 ā where −3 < z < 3,      z̄ = ā where z ≥ 3.

Not differentiable at ±3, where the slope falls from 0 to −1/2 and from 3/2 to 1.  So the function is
locally concave at both, with the super-gradients [−1/2, 0] and [1, 3/2], and the convention is the one of
least norm, 0 and 1, as torch documents ("Gradients for non-differentiable functions" in its notes on
autograd).

At z = −∞ the value is 0, as the definition says; z · relu6(z + 3) / 6 would be −∞ · 0 = NaN there.

A NaN is passed on, and its slope is NaN.  In torch that is so, or the slope is 1, depending on where in
memory the NaN lies.

Source: A. Howard et al., "Searching for MobileNetV3", arXiv:1905.02244, §5.2;
torch.nn.functional.hardswish.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Hardswish(Op):
    """a = z · min(max(z + 3, 0), 6) / 6, elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        low, high = z <= -3, z >= 3
        gate = np.where(high, 1, (z + 3) / 6)
        return (np.where(low, 0, z * gate),), (z, low, high)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z, low, high = residuals
        return (np.where(low, 0, np.where(high, a_bar, a_bar * (2 * z + 3) / 6)),)
