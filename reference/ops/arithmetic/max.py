"""Largest entry, over one axis or over all.

Derivation.  Where the largest entry is unique it is y = x_k on a neighbourhood, so the cotangent goes to
that entry and to no other.

Not differentiable at a tie: max is convex there, and its subgradients share the cotangent among the
largest entries in any proportion.  Torch documents two conventions (in torch.amax): over one axis the
first of them gets all, over the whole array they share evenly.  A NaN is larger than everything, and
is passed on; a tie of NaNs is one, too.

Source: torch.max; torch.amax for the ties; S. Boyd, L. Vandenberghe, "Convex Optimization" (2004), §3.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import normalize_axis, reduced, size


@dataclass(frozen=True)
class Max(Op):
    """Largest entry of x along the axis `dim`, kept with size 1 if `keepdim`; of all of x for None."""

    dim: int | None = None
    keepdim: bool = False

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if self.dim is None:
            if self.keepdim:
                raise self.refuse("x", x, "keeps no axis where dim=None")
            if size(x) == 0:
                raise self.refuse("x", x, "has no entries")
            return ((),)
        axis = normalize_axis(self.dim, len(x))
        if axis is None or x[axis] == 0:
            raise self.refuse("x", x, f"has no axis dim={self.dim}, or no entries along it")
        return (reduced(x, (axis,), self.keepdim),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        if self.dim is None:
            y = np.max(x)
            return (y,), ((x == y) | (x != x), ())  # x != x: where there is a NaN, y is one
        places = np.reshape(np.arange(x.shape[self.dim]), (-1,) + (1,) * (x.ndim - 1 - self.dim % x.ndim))
        winner = np.argmax(x, axis=self.dim, keepdims=True)
        y = np.take_along_axis(x, winner, axis=self.dim)
        return (np.reshape(y, self.infer(x.shape)[0]),), (places == winner, winner.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        chosen, kept = residuals
        if self.dim is None:
            y_bar = y_bar / int(np.count_nonzero(chosen))
        return (np.where(chosen, np.reshape(y_bar, kept), 0),)
