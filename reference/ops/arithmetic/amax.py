"""Largest entry along axes, y = max x, its slope shared by all that are as large.

Derivation.  Where one entry alone is the largest, y moves with it and with no other: x̄_i = ȳ there and 0
elsewhere.

Not differentiable where k entries tie.  The maximum is convex, and its subgradients there are the weighted
means of the k unit vectors; the convention is the one of least norm, which gives each of the k the same:

    x̄_i = ȳ / k  where x_i = y,  else 0,

as torch documents ("evenly distribute gradients between equal values").

An entry that is less than y gets 0 even of an infinite ȳ.  Where there is a NaN, y is one, and equals
nothing: every entry gets 0/0 = NaN, as in torch.

An empty axis has no largest entry, and is refused.

Source: torch.amax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Shape
from reference.ops._reduction import AxesReduction


@dataclass(frozen=True)
class Amax(AxesReduction):
    """Largest entry of x over the axes `dim`."""

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if any(x[axis] == 0 for axis in self.axes(x)):
            raise self.refuse("x", x, f"has no entry to choose over dim={self.dim}")
        return super().infer(x)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axes = self.axes(x.shape)
        y = np.max(x, axis=axes, keepdims=True)
        ties = x == y
        k = np.sum(np.where(ties, 1, np.zeros_like(x)), axis=axes, keepdims=True)
        return (np.reshape(y, self.infer(x.shape)[0]),), (ties, k)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        ties, k = residuals
        y_bar = self.kept(y_bar, ties.shape)
        return (np.where(ties, y_bar, 0) / k,)
