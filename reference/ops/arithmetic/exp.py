"""Exponential y = eˣ.

Derivation.  The exponential is its own derivative:

    x̄ = ȳ y

Differentiable everywhere.

Source: torch.exp; G. Hardy, "A Course of Pure Mathematics" (1921), §203.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.arithmetic._unary import Unary


@dataclass(frozen=True)
class Exp(Unary):
    """y = eˣ, elementwise."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        y = np.exp(x)
        return (y,), y

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        y = residuals
        return (y_bar * y,)
