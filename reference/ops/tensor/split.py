"""One array cut along an axis into pieces: the reverse of `concatenate`.

Derivation.  Every entry of x goes to exactly one piece, so x̄ is the cotangents of the pieces, one after
the other.  A piece that the network does not use has the cotangent 0.

Differentiable everywhere.

Source: torch.split; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import along, normalize_axis


@dataclass(frozen=True)
class Split(Op):
    """Pieces of x along the axis `dim`.

    `split_size_or_sections` is the length of each, which leaves a shorter last one where it does not divide
    the axis, or the tuple of all lengths.
    """

    split_size_or_sections: int | tuple[int, ...] = 1
    dim: int = 0

    def _lengths(self, n: int) -> tuple[int, ...]:
        """Lengths of the pieces of an axis of n entries; of no entries there is one piece, an empty one."""
        if isinstance(self.split_size_or_sections, tuple):
            return self.split_size_or_sections
        length = self.split_size_or_sections
        return tuple(min(length, n - start) for start in range(0, max(n, 1), max(length, 1)))

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis = normalize_axis(self.dim, len(x))
        if axis is None:
            raise self.refuse("x", x, f"has no axis dim={self.dim}")
        wanted = self.split_size_or_sections
        if isinstance(wanted, tuple):
            fits = len(wanted) > 0 and sum(wanted) == x[axis] and min(wanted) >= 0
        else:
            fits = wanted > 0 or wanted == x[axis] == 0
        if not fits:
            raise self.refuse("x", x, f"cannot be split into {wanted} along dim={self.dim}")
        return tuple((*x[:axis], length, *x[axis + 1 :]) for length in self._lengths(x[axis]))

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        stops = accumulate(self._lengths(x.shape[axis]), initial=0)
        return tuple(x[along(axis, slice(start, stop))] for start, stop in pairwise(stops)), axis

    def vjp(self, residuals: Any, *y_bar: Array) -> tuple[Array | None, ...]:
        return (np.concatenate(y_bar, axis=residuals),)
