"""Hyperbolic tangent a = tanh(z).

Derivation.  tanh = sinh / cosh, and by the quotient rule

    tanh′(z) = (cosh² z − sinh² z) / cosh² z = 1 − tanh² z,

so  z̄ = ā (1 − a²).

Differentiable everywhere.

Source: torch.tanh; NIST Digital Library of Mathematical Functions, §4.34.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Tanh(Op):
    """a = tanh(z), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        a = np.tanh(z)
        return (a,), a

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        a = residuals
        return (a_bar * (1 - a * a),)
