"""Hard sigmoid: 0 for z ≤ −3, 1 for z ≥ 3, and z/6 + 1/2 between.

Derivation.  The derivative is 1/6 between −3 and 3, and 0 beyond:  z̄ = ā/6 where −3 < z < 3, else 0.

Not differentiable at ±3.  The function is convex about −3 and concave about 3, with the (sub- or super-)
gradients [0, 1/6], and the convention is the one of least norm, 0, as torch documents ("Gradients for
non-differentiable functions" in its notes on autograd).

A NaN is passed on, and its cotangent too, by the slope 1/6: it lies beyond no bound.  Torch documents no
slope there, and takes 0.

Stability.  z/6 + 1/2 cancels next to −3, where (z + 3)/6 does not: z + 3 is exact there.

Source: A. Howard et al., "Searching for MobileNetV3", arXiv:1905.02244, §5.2;
torch.nn.functional.hardsigmoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Hardsigmoid(Op):
    """a = min(max(z/6 + 1/2, 0), 1), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        low, high = z <= -3, z >= 3
        a = np.where(low, 0, np.where(high, 1, (z + 3) / 6))
        return (a,), low | high

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        beyond = residuals
        return (np.where(beyond, 0, a_bar / 6),)
