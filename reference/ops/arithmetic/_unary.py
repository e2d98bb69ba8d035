"""What all elementwise ops on one array share: the shape stays."""

from __future__ import annotations

from dataclasses import dataclass

from reference.op import Op, Shape


@dataclass(frozen=True)
class Unary(Op):
    """Elementwise in x."""

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        return (x,)
