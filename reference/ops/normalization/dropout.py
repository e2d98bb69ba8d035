"""Dropout: entries that the mask does not keep become 0, the others grow by 1/(1 − p).

The mask is an input, so that the op is a function: who draws it, with the probability 1 − p for keeping an
entry, makes the expected output equal to the input.  In evaluation the mask is ignored, and y = x.

Derivation.  Entry by entry the map is linear:

    in training      x̄ = ȳ / (1 − p) where the mask keeps, else 0
    in evaluation    x̄ = ȳ.

For p = 0 all entries are kept and for p = 1 none is, whatever the mask says: no other is drawn then.

Differentiable everywhere.

Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014);
torch.nn.functional.dropout and torch.nn.Dropout for the factor 1/(1 − p) in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape


@dataclass(frozen=True)
class Dropout(Op):
    """x / (1 − p) where `mask`, else 0; x itself in evaluation."""

    kinds: ClassVar[dict[str, str]] = {"mask": "mask"}

    p: float = 0.5
    training: bool = True

    def infer(self, x: Shape, mask: Shape) -> tuple[Shape, ...]:
        if not 0 <= self.p <= 1:
            raise self.refuse("x", x, f"cannot be dropped with p={self.p}, which is no probability")
        if mask != x:
            raise self.refuse("mask", mask, f"is not the shape of x, {x}")
        return (x,)

    def forward(self, x: Array, mask: Array) -> tuple[tuple[Array, ...], Any]:
        return (self._dropped(x, mask),), mask

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        mask = residuals
        return self._dropped(y_bar, mask), None

    def _dropped(self, x: Array, mask: Array) -> Array:
        """The map itself, which is its own adjoint."""
        if not self.training or self.p == 0:
            return x
        return np.zeros_like(x) if self.p == 1 else np.where(mask, x / (1 - self.p), 0)
