"""A slice along one axis, y = x[start : end : step].

Derivation.  y = Sx with a 0/1 matrix S that has a single 1 in each row: y_i = x_{start + i step}.  So
x̄ = Sᵀȳ puts ȳ_i at start + i step, and 0 at every entry that the slice left out:

    x̄ = start zeros, then ȳ with step − 1 zeros between its entries, then zeros up to the length of x

Bounds mean what they mean in Python: a negative one counts from the end, one beyond the end is the end,
and a slice may be empty.

Differentiable everywhere.

Source: torch.Tensor's indexing, which follows NumPy's basic slicing; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of
from reference.shapes import along, dilate, pad_zeros


@dataclass(frozen=True)
class Slice(Op):
    """Every `step`-th entry of x from `start` on and before `end`, along the axis `dim`."""

    dim: int = 0
    start: int | None = None
    end: int | None = None
    step: int = 1

    def _positions(self, n: int) -> range:
        """Where along an axis of n entries the slice takes its own from."""
        return range(n)[self.start : self.end : self.step]

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axis = axis_of(self, "x", x)
        if self.step < 1:
            raise self.refuse("x", x, f"cannot be sliced with step={self.step}; it must be positive")
        return ((*x[:axis], len(self._positions(x[axis])), *x[axis + 1 :]),)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        axis = self.dim % x.ndim
        return (x[along(axis, slice(self.start, self.end, self.step))],), (axis, x.shape[axis])

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        axis, n = residuals
        spread = dilate(y_bar, axis, self.step)
        positions = self._positions(n)
        before = positions[0] if positions else n
        after = n - before - spread.shape[axis]
        return (pad_zeros(spread, ((0, 0),) * axis + ((before, after),)),)
