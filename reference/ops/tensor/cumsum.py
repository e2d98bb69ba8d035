"""Sums of all entries up to each one, y_i = Σ_{j ≤ i} x_j, along one axis.

Derivation.  ∂y_i/∂x_j is 1 for i ≥ j and 0 otherwise, so the sums run the other way:

    x̄_j = Σ_{i ≥ j} ȳ_i

Both are written as sums over a table of n × n entries, one row a result.  A matrix product with zeros and
ones would make NaN of an infinity that lies behind the sum; a loop of n additions is what it replaces.

Differentiable everywhere.

Source: torch.cumsum; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of


@dataclass(frozen=True)
class Cumsum(Op):
    """Along the axis `dim` the sum of each entry and all before it."""

    dim: int = 0

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis_of(self, "x", x)
        return (x,)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        place, other = _places(x.shape, self.dim % x.ndim)
        return (_summed(x, other <= place, self.dim % x.ndim),), None

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        place, other = _places(y_bar.shape, self.dim % y_bar.ndim)
        return (_summed(y_bar, other >= place, self.dim % y_bar.ndim),)


def _places(shape: Shape, axis: int) -> tuple[Array, Array]:
    """Places along the axis, of the result and of the entries: together they index the table."""
    places, behind = np.arange(shape[axis]), (1,) * (len(shape) - axis - 1)
    return np.reshape(places, (-1, 1, *behind)), np.reshape(places, (-1, *behind))


def _summed(x: Array, counts: Array, axis: int) -> Array:
    """For each row of the table the sum of the entries that count."""
    rows = np.reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))
    return np.sum(np.where(counts, rows, 0), axis=axis + 1)
