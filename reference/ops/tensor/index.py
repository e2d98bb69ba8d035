"""Selection of rows: y_k = x_{t(k)} along one axis, with an index t.

Derivation.  y = Tx with a 0/1 matrix T that has its 1 in row k at column t(k), so x̄ = Tᵀȳ:

    x̄_i = Σ_{k: t(k) = i} ȳ_k

A row that is selected twice gets both cotangents, and one that is never selected gets 0.  The index has
no gradient.

Differentiable everywhere in x.

Source: torch.index_select; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of
from reference.scatter import scatter_add


@dataclass(frozen=True)
class Index(Op):
    """The rows of x along the axis `dim` that an index (k,) names, in its order."""

    kinds: ClassVar[dict[str, str]] = {"index": "index"}

    dim: int = 0

    def infer(self, x: Shape, index: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        if len(index) != 1:
            raise self.refuse("index", index, "needs one axis")
        return ((*x[:axis], index[0], *x[axis + 1 :]),)

    def forward(self, x: Array, index: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        return (np.take(x, index, axis=axis),), (index, x.shape[axis], axis)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        index, rows, axis = residuals
        return scatter_add(y_bar, index, rows, axis), None
