"""Absolute value y = |x|.

Derivation.  y = x for x > 0 and −x for x < 0:

    x̄ = ȳ where x > 0,  −ȳ where x < 0,  0 at x = 0.

Not differentiable at x = 0.  There |x| is convex with the subgradients [−1, 1], and the convention is the
one of least norm, 0, as torch documents: whatever the cotangent, be it infinite.  A NaN is passed on, but not
its cotangent, since neither side is its own.

Source: torch.abs; torch's notes on autograd, "Gradients for non-differentiable functions", rule 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.arithmetic._unary import Unary


def signed(x: Array, y_bar: Array) -> Array:
    """Cotangent of x, given that of |x|."""
    return np.where(x > 0, y_bar, np.where(x < 0, -y_bar, 0))


@dataclass(frozen=True)
class Abs(Unary):
    """y = |x|, elementwise."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.abs(x),), x

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (signed(residuals, y_bar),)
