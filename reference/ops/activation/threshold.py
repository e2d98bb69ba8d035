"""Threshold: a = z where z > `threshold`, else the constant `value`.

Derivation.  z passes above the threshold, and below it a does not depend on z:

    z̄ = ā where z > threshold, else 0.

Not differentiable, and in general not continuous, at z = threshold.  The point itself belongs to the
constant, as torch documents ("x if x > threshold, value otherwise"), and has its derivative, 0.

A NaN is passed on, and so is its cotangent: it is not below the threshold.

Source: torch.nn.functional.threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Threshold(Op):
    """a = z where z > threshold, else value, elementwise."""

    threshold: float = 0.0
    value: float = 0.0

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        below = z <= self.threshold
        return (np.where(below, self.value, z),), below

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        below = residuals
        return (np.where(below, 0, a_bar),)
