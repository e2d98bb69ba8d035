"""Concatenation along one axis.

Derivation.  Every entry of y is a copy of exactly one entry of one input, so each input's cotangent
is the slice of ȳ that the input was copied to.

Differentiable everywhere.

Source: torch.cat; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of


@dataclass(frozen=True)
class Concatenate(Op):
    """The inputs one after the other along the axis `dim`."""

    dim: int = 0

    def infer(self, *x: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x[0]", x[0])
        for position, shape in enumerate(x):
            if len(shape) != len(x[0]) or _without(shape, axis) != _without(x[0], axis):
                raise self.refuse(
                    f"x[{position}]", shape, f"differs from x[0] of shape {x[0]} beside dim={self.dim}"
                )
        return ((*x[0][:axis], sum(shape[axis] for shape in x), *x[0][axis + 1 :]),)

    def forward(self, *x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x[0].ndim
        stops = tuple(accumulate(part.shape[axis] for part in x))
        return (np.concatenate(x, axis=axis),), (axis, stops)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        axis, stops = residuals
        before = (slice(None),) * axis
        return tuple(
            y_bar[(*before, slice(start, stop))] for start, stop in zip((0, *stops), stops, strict=False)
        )


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]
