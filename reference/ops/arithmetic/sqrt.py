"""Square root y = √x.

Derivation.  y² = x, so 2 y dy/dx = 1:

    x̄ = ȳ / (2 y)

Not differentiable at x = 0, where the slope is its limit, ∞ (so a zero cotangent gives NaN there: the two
limits disagree).  Not defined for x < 0, where both are NaN.

Source: torch.sqrt; torch's notes on autograd, "Gradients for non-differentiable functions", rule 4, which
names sqrt(0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.arithmetic._unary import Unary


@dataclass(frozen=True)
class Sqrt(Unary):
    """y = √x, elementwise."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        y = np.sqrt(x)
        return (y,), y

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        y = residuals
        return (y_bar / (2 * y),)
