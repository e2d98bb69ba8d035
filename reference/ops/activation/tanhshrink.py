"""Tanh shrinkage a = z − tanh(z).

Derivation.  With tanh′ = 1 − tanh² (`tanh.py`)

    a′(z) = 1 − (1 − tanh²(z)) = tanh²(z)      so      z̄ = ā tanh²(z).

Differentiable everywhere.

Source: torch.nn.functional.tanhshrink.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Tanhshrink(Op):
    """a = z − tanh(z), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        t = np.tanh(z)
        return (z - t,), t

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        t = residuals
        return (a_bar * (t * t),)
