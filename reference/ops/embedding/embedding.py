"""Embedding: the rows of a table that indices name, y_k = W_{t(k)}.

Derivation.  y = TW with a 0/1 matrix T that has its 1 in row k at column t(k), so W̄ = Tᵀȳ: a row that
is named several times gets the sum of the cotangents, and one that is never named gets 0.

    W̄_i = Σ_{k: t(k) = i} ȳ_k

Two attributes change the gradient **and not the function**, so that W̄ is no longer the derivative of y,
but that times a factor for each row (`documented`): torch documents them for training.

- The row `padding_idx` gets no gradient, W̄_p = 0, as if it were a constant.
- `scale_grad_by_freq` divides W̄_i by the number of k with t(k) = i: the mean, where the sum is due.

Differentiable everywhere in W.

Source: torch.nn.functional.embedding; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Fraction, Op, Shape
from reference.scatter import scatter_add
from reference.shapes import normalize_axis


@dataclass(frozen=True)
class Embedding(Op):
    """The rows of `weight`, (rows, features), that `indices`, of any shape, name."""

    kinds: ClassVar[dict[str, str]] = {"indices": "index"}

    padding_idx: int | None = None
    scale_grad_by_freq: bool = False

    def documented(self, indices: Array, weight: Array) -> tuple[Fraction | None, ...]:
        rows = weight.shape[0]
        padding = -1 if self.padding_idx is None else self.padding_idx % rows
        named = scatter_add(np.zeros_like(indices) + 1, indices, rows)
        divisor = np.maximum(named, 1) if self.scale_grad_by_freq else named * 0 + 1
        kept = np.where(np.arange(rows) == padding, 0, 1)
        return None, (np.reshape(kept, (rows, 1)), np.reshape(divisor, (rows, 1)))

    def infer(self, indices: Shape, weight: Shape) -> tuple[Shape, ...]:
        if len(weight) != 2:
            raise self.refuse("weight", weight, "needs two axes, rows and features")
        if self.padding_idx is not None and normalize_axis(self.padding_idx, weight[0]) is None:
            raise self.refuse("weight", weight, f"has no row padding_idx={self.padding_idx}")
        return ((*indices, weight[1]),)

    def forward(self, indices: Array, weight: Array) -> tuple[tuple[Array, ...], Any]:
        rows = weight.shape[0]
        if np.count_nonzero((indices < 0) | (indices >= rows)):
            raise IndexError(f"{self.name}: indices hold a row outside 0 … {rows - 1}")
        return (np.take(weight, indices, axis=0),), (indices, rows)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        indices, rows = residuals
        column = (*indices.shape, 1)
        if self.padding_idx is not None:
            y_bar = np.where(np.reshape(indices == self.padding_idx % rows, column), 0, y_bar)
        weight_bar = scatter_add(y_bar, indices, rows)
        if self.scale_grad_by_freq:
            ones = np.zeros_like(y_bar, shape=column) + 1
            weight_bar = weight_bar / np.maximum(scatter_add(ones, indices, rows), 1)
        return None, weight_bar
