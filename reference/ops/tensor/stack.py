"""Arrays of one shape side by side along a new axis.

Derivation.  Every entry of y is a copy of exactly one entry of one input, so the k-th input's cotangent
is what lies at index k of ȳ along the new axis.

Differentiable everywhere.

Source: torch.stack; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import along, normalize_axis


@dataclass(frozen=True)
class Stack(Op):
    """The inputs side by side along a new axis at the place `dim` of the result."""

    dim: int = 0

    def infer(self, *x: Shape) -> tuple[Shape, ...]:
        axis = normalize_axis(self.dim, len(x[0]) + 1)
        if axis is None:
            raise self.refuse("x[0]", x[0], f"has no place dim={self.dim} for a new axis")
        for position, shape in enumerate(x):
            if shape != x[0]:
                raise self.refuse(f"x[{position}]", shape, f"is not the shape of x[0], {x[0]}")
        return ((*x[0][:axis], len(x), *x[0][axis:]),)

    def forward(self, *x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % (x[0].ndim + 1)
        shape = (*x[0].shape[:axis], 1, *x[0].shape[axis:])
        return (np.concatenate([np.reshape(part, shape) for part in x], axis=axis),), (axis, len(x))

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        axis, count = residuals
        return tuple(y_bar[along(axis, k)] for k in range(count))
