"""Matrix product y = a b, over the last two axes, with the leading axes broadcast.

Forward:  y_ij = Σ_k a_ik b_kj.  An operand with one axis is a row (left) or a column (right), and
the axis that this adds is removed from the result.

Derivation.  ∂l/∂a_ik = Σ_j ȳ_ij ∂y_ij/∂a_ik = Σ_j ȳ_ij b_kj, and likewise for b:

    ā = ȳ bᵀ        b̄ = aᵀ ȳ

The leading axes are independent products; where one operand was broadcast along them its cotangents
add (`unbroadcast`).

Differentiable everywhere.

Source: torch.matmul for the treatment of one-axis operands; M. Giles, "An extended collection of
matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), §2.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import broadcast, unbroadcast


@dataclass(frozen=True)
class Matmul(Op):
    """y = a @ b, with a (…, m, k) or (k,) and b (…, k, n) or (k,)."""

    def infer(self, a: Shape, b: Shape) -> tuple[Shape, ...]:
        for argument, shape in (("a", a), ("b", b)):
            if len(shape) < 1:
                raise self.refuse(argument, shape, "needs at least one axis")
        inner = b[-2] if len(b) > 1 else b[0]
        if a[-1] != inner:
            raise self.refuse("b", b, f"does not fit a of shape {a}: needs (…, {a[-1]}, n) or ({a[-1]},)")
        batch = broadcast(a[:-2], b[:-2])
        if batch is None:
            raise self.refuse("b", b, f"does not broadcast with a of shape {a} over the leading axes")
        return ((*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ())),)

    def forward(self, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        return (a @ b,), (a, b)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        a, b = residuals
        a_matrix = np.reshape(a, (1, *a.shape)) if a.ndim == 1 else a
        b_matrix = np.reshape(b, (*b.shape, 1)) if b.ndim == 1 else b
        batch = broadcast(a_matrix.shape[:-2], b_matrix.shape[:-2]) or ()
        y_bar = np.reshape(y_bar, (*batch, a_matrix.shape[-2], b_matrix.shape[-1]))
        a_bar = unbroadcast(y_bar @ b_matrix.mT, a_matrix.shape)
        b_bar = unbroadcast(a_matrix.mT @ y_bar, b_matrix.shape)
        return np.reshape(a_bar, a.shape), np.reshape(b_bar, b.shape)
