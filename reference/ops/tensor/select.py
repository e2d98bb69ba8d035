"""One index of one axis, y = x[…, index, …]: the axis disappears.

Derivation.  A slice of length 1 (see `slice`) without its axis: ȳ goes back to where y came from, and
all other entries of x̄ are 0.

Differentiable everywhere.

Source: torch.select; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of
from reference.shapes import along, normalize_axis, pad_zeros


@dataclass(frozen=True)
class Select(Op):
    """What lies at `index` along the axis `dim`; a negative index counts from the end."""

    dim: int = 0
    index: int = 0

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        if normalize_axis(self.index, x[axis]) is None:
            raise self.refuse("x", x, f"has no index={self.index} along dim={self.dim}")
        return (x[:axis] + x[axis + 1 :],)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        return (x[along(axis, self.index)],), (axis, x.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        axis, shape = residuals
        before = self.index % shape[axis]
        kept = np.reshape(y_bar, (*shape[:axis], 1, *shape[axis + 1 :]))
        return (pad_zeros(kept, ((0, 0),) * axis + ((before, shape[axis] - before - 1),)),)
