"""Softsign a = z / (1 + |z|).

Derivation.  For z > 0 the quotient rule gives (1 + z − z) / (1 + z)² = 1 / (1 + |z|)², and for z < 0 likewise
(1 − z + z) / (1 − z)² = 1 / (1 + |z|)²:

    z̄ = ā / (1 + |z|)².

Differentiable everywhere, at z = 0 too, although |z| is not: both sides have the slope 1 there.

Source: J. Turian, J. Bergstra, Y. Bengio, "Quadratic features and deep architectures for chunking"
(2009); torch.nn.functional.softsign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Softsign(Op):
    """a = z / (1 + |z|), elementwise."""

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        return (z,)

    def forward(self, z: Array) -> tuple[tuple[Array, ...], Any]:
        d = 1 + np.abs(z)
        return (z / d,), d

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        d = residuals
        return (a_bar / d / d,)  # d² would overflow where 1/d² is still a number
