"""Negation y = −x.

Derivation.  ∂y/∂x = −1:

    x̄ = −ȳ

Differentiable everywhere.

Source: torch.neg; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic._unary import Unary


@dataclass(frozen=True)
class Negative(Unary):
    """y = -x, elementwise."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (-x,), None

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (-y_bar,)
