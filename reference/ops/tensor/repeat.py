"""Tiling: x repeated along every axis, and along new ones in front.

Derivation.  With an axis of size 1 put before every axis of x, y is x broadcast along the new axes to
the numbers of repetitions, and reshaped.  So x̄ is ȳ in the shape (repeats, n, repeats, n, …), summed over
the repetitions: the cotangents of all copies of an entry are added.

Differentiable everywhere.

Source: torch.Tensor.repeat; chain rule, case 2 (paths add).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Repeat(Op):
    """x `repeats[k]` times along axis k of the result; x's own axes are the last ones."""

    repeats: tuple[int, ...] = ()

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if len(self.repeats) < len(x) or any(count < 0 for count in self.repeats):
            raise self.refuse("x", x, f"cannot be repeated by repeats={self.repeats}")
        return (tuple(count * n for count, n in self._pairs(x)),)

    def _pairs(self, x: Shape) -> list[tuple[int, int]]:
        """For each axis of the result: how often, and how many entries."""
        padded = (1,) * (len(self.repeats) - len(x)) + x
        return list(zip(self.repeats, padded, strict=True))

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        pairs = self._pairs(x.shape)
        apart = np.reshape(x, sum(((1, n) for _, n in pairs), ()))
        copied = np.broadcast_to(apart, sum(pairs, ()))
        return (np.reshape(copied, tuple(count * n for count, n in pairs)),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        apart = np.reshape(y_bar, sum(self._pairs(residuals), ()))
        summed = np.sum(apart, axis=tuple(range(0, apart.ndim, 2)))
        return (np.reshape(summed, residuals),)
