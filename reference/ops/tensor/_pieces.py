"""What `split` and `chunk` share: one array cut along an axis into pieces, the reverse of `concatenate`.

Derivation.  Every entry of x goes to exactly one piece, so x̄ is the cotangents of the pieces, one after
the other.  A piece that the network does not use has the cotangent 0.

Differentiable everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from typing import Any

import numpy as np

from reference.op import MAX_OUTPUTS, Array, Lengths, Op, Shape
from reference.ops._axis import axis_of
from reference.shapes import along


@dataclass(frozen=True)
class Pieces(Op):
    """Pieces of x along the axis `dim`; the subclass knows their lengths."""

    dim: int = 0

    def fits(self, n: int) -> bool:
        """Whether an axis of n entries can be cut."""
        raise NotImplementedError

    def lengths(self, n: int) -> Lengths:
        """Lengths of the pieces of an axis of n entries."""
        raise NotImplementedError

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        if not self.fits(x[axis]):
            raise self.refuse("x", x, f"cannot be cut by {self}")
        lengths = tuple(islice(self.lengths(x[axis]), MAX_OUTPUTS + 1))
        if len(lengths) > MAX_OUTPUTS:
            raise self.refuse("x", x, f"would be cut into more than {MAX_OUTPUTS} pieces")
        return tuple((*x[:axis], length, *x[axis + 1 :]) for length in lengths)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        stops = accumulate(self.lengths(x.shape[axis]), initial=0)
        return tuple(x[along(axis, slice(start, stop))] for start, stop in pairwise(stops)), axis

    def vjp(self, residuals: Any, *y_bar: Array) -> tuple[Array | None, ...]:
        return (np.concatenate(y_bar, axis=residuals),)


def equal_lengths(n: int, length: int) -> Lengths:
    """Pieces of `length`, the last one shorter where it does not divide n; of no entries one empty piece."""
    return (min(length, n - start) for start in range(0, max(n, 1), max(length, 1)))
