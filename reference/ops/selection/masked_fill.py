"""Entries replaced by one value where a mask holds.

Derivation.  Where the mask holds y does not depend on x, elsewhere it is x:

    x̄ = 0 where the mask holds, else ȳ        (summed over the axes along which x was broadcast)

What is replaced gets 0, even of an infinite cotangent, and so does what is not finite in x.  The mask has
no gradient.

Differentiable everywhere in x.

Source: torch.Tensor.masked_fill; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import broadcast, unbroadcast


@dataclass(frozen=True)
class MaskedFill(Op):
    """`value` where `mask` holds, else x; both broadcast together."""

    kinds: ClassVar[dict[str, str]] = {"mask": "mask"}

    value: float = 0.0

    def infer(self, x: Shape, mask: Shape) -> tuple[Shape, ...]:
        y = broadcast(x, mask)
        if y is None:
            raise self.refuse("mask", mask, f"does not broadcast with x of shape {x}")
        return (y,)

    def forward(self, x: Array, mask: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.where(mask, self.value, x),), (mask, x.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        mask, shape = residuals
        return unbroadcast(np.where(mask, 0, y_bar), shape), None
