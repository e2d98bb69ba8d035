"""Entries shifted along axes; those that leave at one end come in at the other.

Derivation.  y = Px with a permutation matrix P, and x̄ = Pᵀȳ = P⁻¹ȳ: the shift is undone by its opposite.

Without axes x is shifted as one row of all its entries, in row-major order.

Differentiable everywhere.

Source: torch.roll; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import along, normalize_axis


@dataclass(frozen=True)
class Roll(Op):
    """x shifted by shifts[k] along the axis dims[k] (None: of all entries), to higher places."""

    shifts: int | tuple[int, ...] = 0
    dims: int | tuple[int, ...] | None = None

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        shifts, dims = _tuple(self.shifts), _tuple(self.dims)
        count = 1 if self.dims is None else len(dims)
        if len(shifts) != count or count == 0 or any(normalize_axis(axis, len(x)) is None for axis in dims):
            raise self.refuse("x", x, f"cannot be rolled by shifts={self.shifts} along dims={self.dims}")
        return (x,)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (self._rolled(x, 1),), None

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (self._rolled(y_bar, -1),)

    def _rolled(self, x: Array, sign: int) -> Array:
        if self.dims is None:
            return np.reshape(_shifted(np.reshape(x, (-1,)), sign * _tuple(self.shifts)[0], 0), x.shape)
        for shift, axis in zip(_tuple(self.shifts), _tuple(self.dims), strict=True):
            x = _shifted(x, sign * shift, axis % x.ndim)
        return x


def _shifted(x: Array, shift: int, axis: int) -> Array:
    """The last `shift` entries put before the others; without any entries there is nothing to do."""
    start = -shift % max(x.shape[axis], 1)
    return np.concatenate((x[along(axis, slice(start, None))], x[along(axis, slice(start))]), axis=axis)


def _tuple(value: int | tuple[int, ...] | None) -> tuple[int, ...]:
    return () if value is None else value if isinstance(value, tuple) else (value,)
