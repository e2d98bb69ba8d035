"""One array taken apart along an axis, which disappears: the reverse of `stack`.

Derivation.  Every entry of x goes to exactly one output, so x̄ is the cotangents of the outputs side by
side along the axis.  An output that the network does not use has the cotangent 0.

Differentiable everywhere.

Source: torch.unbind; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import MAX_OUTPUTS, Array, Op, Shape
from reference.ops._axis import axis_of
from reference.shapes import along


@dataclass(frozen=True)
class Unbind(Op):
    """What lies at each index of x along the axis `dim`, one output an index."""

    dim: int = 0

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        if x[axis] == 0:
            raise self.refuse("x", x, f"has nothing along dim={self.dim}, which would be no output at all")
        if x[axis] > MAX_OUTPUTS:
            raise self.refuse("x", x, f"has more than {MAX_OUTPUTS} indices along dim={self.dim}")
        return (x[:axis] + x[axis + 1 :],) * x[axis]

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        return tuple(x[along(axis, k)] for k in range(x.shape[axis])), (axis, x.shape)

    def vjp(self, residuals: Any, *y_bar: Array) -> tuple[Array | None, ...]:
        axis, shape = residuals
        row = (*shape[:axis], 1, *shape[axis + 1 :])
        return (np.concatenate([np.reshape(part, row) for part in y_bar], axis=axis),)
