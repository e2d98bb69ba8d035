"""Elementwise quotient y = a / b, with broadcasting.

Derivation.  ∂y/∂a = 1/b and ∂y/∂b = −a/b² = −y/b:

    ā = ȳ / b        b̄ = −ȳ (y / b)        (each summed over the axes along which it was broadcast)

Written with y, since b² over- or underflows where y/b does not.

Not differentiable, and not defined, at b = 0.  There y and its slopes are what IEEE 754 makes of them:
infinite, or NaN for 0/0.

Source: torch.div (without rounding mode); quotient rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic._binary import Binary
from reference.shapes import unbroadcast


@dataclass(frozen=True)
class Divide(Binary):
    """y = a / b, shapes broadcast together."""

    def forward(self, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        y = a / b
        return (y,), (b, y, a.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        b, y, a_shape = residuals
        return unbroadcast(y_bar / b, a_shape), unbroadcast(-y_bar * (y / b), b.shape)
