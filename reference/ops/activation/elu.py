"""Exponential linear unit: a = z for z > 0, else α (eᶻ − 1).

Derivation.  On the positive side a′(z) = 1, on the other a′(z) = α eᶻ:

    z̄ = ā where z > 0, else ā α eᶻ.

The slope α eᶻ is computed as such; as a + α, which it equals, it would cancel for z → −∞.

Not differentiable at z = 0 unless α = 1.  Torch documents that 0 belongs to the exponential
("if x ≤ 0"), so the slope there is α.

A NaN is passed on, and its slope is NaN, that of the exponential.  In torch that is so, or the slope is that
of z > 0, depending on where in memory the NaN lies.

Stability.  eᶻ − 1 loses all digits of a small z; `expm1` does not.

Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by
exponential linear units", arXiv:1511.07289, equations 15 and 16; torch.nn.functional.elu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Elu(Op):
    """a = z where z > 0, else alpha (exp(z) − 1)."""

    alpha: float = 1.0

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        linear = z > 0
        return (np.where(linear, z, self.alpha * np.expm1(z)),), (z, linear)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        z, linear = residuals
        return (np.where(linear, a_bar, a_bar * (self.alpha * np.exp(z))),)
