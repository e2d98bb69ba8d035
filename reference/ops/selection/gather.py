"""Entries gathered along one axis: y_{ij…} = x_{t(i,j,…) j…} for the axis 0, with an index t.

Derivation.  y = Tx with a 0/1 matrix T of one 1 a row, so x̄ = Tᵀȳ: an entry that is named several times
gets the sum of the cotangents, and one that is never named gets 0.  With the places of the named entries
in x, in row-major order, gathering is a selection from x as one row, and its adjoint adds into that row.

The index may be shorter than x along the other axes; then it gathers from x's first rows there.  It has
no gradient.

Differentiable everywhere in x.

Source: torch.gather; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of
from reference.scatter import scatter_add
from reference.shapes import size


@dataclass(frozen=True)
class Gather(Op):
    """For every entry of `index` (with as many axes as x) the entry of x that it names along `dim`."""

    kinds: ClassVar[dict[str, str]] = {"index": "index"}

    dim: int = 0

    def infer(self, x: Shape, index: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        beside = [m <= n or place == axis for place, (m, n) in enumerate(zip(index, x, strict=False))]
        if len(index) != len(x) or not all(beside):
            raise self.refuse("index", index, f"does not fit x of shape {x} beside dim={self.dim}")
        return (index,)

    def forward(self, x: Array, index: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        if np.count_nonzero((index < 0) | (index >= x.shape[axis])):
            raise IndexError(f"{self.name}: index holds a place outside 0 … {x.shape[axis] - 1}")
        places = _places(index, axis, x.shape)
        return (np.take(np.reshape(x, (-1,)), places, axis=0),), (places, x.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        places, shape = residuals
        return np.reshape(scatter_add(y_bar, places, size(shape)), shape), None


def _places(index: Array, axis: int, shape: Shape) -> Array:
    """Where in x, in row-major order, each entry of the index points to."""
    places: Array = 0
    for other, n in enumerate(index.shape):
        own = np.reshape(np.arange(n), (-1,) + (1,) * (index.ndim - other - 1))
        places = places * shape[other] + (index if other == axis else own)
    return places
