"""Elementwise product y = a b, with broadcasting.

Derivation.  ∂y/∂a = b and ∂y/∂b = a: each factor's cotangent is scaled by the other factor,

    ā = ȳ b        b̄ = ȳ a        (each summed over the axes along which it was broadcast)

When both inputs are the same wire the two cotangents add: d(a²)/da = 2a.

Differentiable everywhere.

Source: torch.mul; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic._binary import Binary
from reference.shapes import unbroadcast


@dataclass(frozen=True)
class Multiply(Binary):
    """y = a * b, shapes broadcast together."""

    def forward(self, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        return (a * b,), (a, b)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        a, b = residuals
        return unbroadcast(y_bar * b, a.shape), unbroadcast(y_bar * a, b.shape)
