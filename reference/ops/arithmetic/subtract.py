"""Difference y = a − b, with broadcasting.

Derivation.  ∂y/∂a = 1 and ∂y/∂b = −1:

    ā = ȳ        b̄ = −ȳ        (each summed over the axes along which it was broadcast)

Differentiable everywhere.

Source: torch.sub (with alpha = 1); chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic._binary import Binary
from reference.shapes import unbroadcast


@dataclass(frozen=True)
class Subtract(Binary):
    """y = a - b, shapes broadcast together."""

    def forward(self, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        return (a - b,), (a.shape, b.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        a_shape, b_shape = residuals
        return unbroadcast(y_bar, a_shape), unbroadcast(-y_bar, b_shape)
