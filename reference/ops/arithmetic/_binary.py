"""What all elementwise ops on two arrays share: their shapes broadcast together."""

from __future__ import annotations

from dataclasses import dataclass

from reference.op import Op, Shape
from reference.shapes import broadcast


@dataclass(frozen=True)
class Binary(Op):
    """Elementwise in a and b, whose cotangents are summed over the axes along which they were broadcast."""

    def infer(self, a: Shape, b: Shape) -> tuple[Shape, ...]:
        y = broadcast(a, b)
        if y is None:
            raise self.refuse("b", b, f"does not broadcast with a of shape {a}")
        return (y,)
