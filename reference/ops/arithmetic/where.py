"""A choice per entry, y = a where the condition holds, else b, with broadcasting of all three.

Derivation.  Every entry of y is a copy of one entry of a or of b, which gets its cotangent:

    ā = ȳ where the condition holds, else 0        b̄ = ȳ where it does not, else 0

(each summed over the axes along which it was broadcast).  The condition has no gradient.

Differentiable everywhere in a and b.  What is not chosen gets 0, even of an infinite cotangent.

Source: torch.where; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import broadcast, unbroadcast


@dataclass(frozen=True)
class Where(Op):
    """y = a where condition, else b; shapes broadcast together."""

    kinds: ClassVar[dict[str, str]] = {"condition": "mask"}

    def infer(self, condition: Shape, a: Shape, b: Shape) -> tuple[Shape, ...]:
        both = broadcast(condition, a)
        if both is None:
            raise self.refuse("a", a, f"does not broadcast with condition of shape {condition}")
        y = broadcast(both, b)
        if y is None:
            raise self.refuse("b", b, f"does not broadcast with condition and a, together of shape {both}")
        return (y,)

    def forward(self, condition: Array, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.where(condition, a, b),), (condition, a.shape, b.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        condition, a_shape, b_shape = residuals
        return (
            None,
            unbroadcast(np.where(condition, y_bar, 0), a_shape),
            unbroadcast(np.where(condition, 0, y_bar), b_shape),
        )
