"""Gated linear unit: x is split in half along one axis, x = (p, q), and y = p σ(q).

Derivation.  By the product rule, with σ′ = σ (1 − σ) (`sigmoid.py`)

    p̄ = ȳ σ(q)      q̄ = ȳ p σ(q) (1 − σ(q)),

and x̄ = (p̄, q̄): joining is the adjoint of splitting.

Differentiable everywhere.

Source: Y. Dauphin et al., "Language modeling with gated convolutional networks", arXiv:1612.08083,
equation 1; torch.nn.functional.glu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of
from reference.ops.activation.sigmoid import sigmoid
from reference.shapes import along


@dataclass(frozen=True)
class Glu(Op):
    """First half of x times the sigmoid of its second half, along the axis `dim`."""

    dim: int = -1

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        if x[axis] % 2:
            raise self.refuse("x", x, f"has an odd axis dim={self.dim}, which has no halves")
        return ((*x[:axis], x[axis] // 2, *x[axis + 1 :]),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axis, half = self.dim % x.ndim, x.shape[self.dim] // 2
        p, q = x[along(axis, slice(None, half))], x[along(axis, slice(half, None))]
        s = sigmoid(q)
        return (p * s,), (p, s)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        p, s = residuals
        p_bar = y_bar * s
        return (np.concatenate([p_bar, p_bar * p * (1 - s)], axis=self.dim),)
