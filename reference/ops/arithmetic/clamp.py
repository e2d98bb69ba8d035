"""Clamping into a range, y = min(max(x, lo), hi), lo and hi being the attributes `min` and `max`.

Derivation.  y = x inside of the range and a constant outside:

    x̄ = ȳ where lo < x < hi,  else 0.

Not differentiable at x = lo and x = hi.  The function is convex about lo and concave about hi, with the (sub-
or super-) gradients [0, 1], and the convention is the one of least norm, 0, as torch documents ("Gradients
for non-differentiable functions" in its notes on autograd).  Torch takes 1, unlike in hardtanh and relu6.

Where lo ≥ hi, y = hi everywhere, as torch documents, and the slope is 0.  A NaN is passed on, but not its
cotangent: it is not inside.

Source: torch.clamp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Clamp(Op):
    """x clamped into [`min`, `max`], either of which may be None: no bound on that side."""

    min: float | None = None
    max: float | None = None

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if self.min is None and self.max is None:
            raise self.refuse("x", x, "is to be clamped, but neither min nor max says where")
        return (x,)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        y = x if self.min is None else np.maximum(x, self.min)
        return (y if self.max is None else -np.maximum(-y, -self.max),), x

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x = residuals
        x_bar = y_bar if self.min is None else np.where(x > self.min, y_bar, 0)
        return (x_bar if self.max is None else np.where(x < self.max, x_bar, 0),)
