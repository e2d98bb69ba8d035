"""What losses of a prediction against a target of the same shape share."""

from __future__ import annotations

from dataclasses import dataclass

from reference.op import Op, Shape
from reference.ops.loss._reduction import Reduction, reduced_shape
from reference.shapes import broadcast


@dataclass(frozen=True)
class PairwiseLoss(Op):
    """Loss of each entry of x against that entry of a target, reduced over all entries."""

    reduction: Reduction = "mean"

    def infer(self, x: Shape, target: Shape) -> tuple[Shape, ...]:
        return self.shaped(x, target)

    def shaped(self, x: Shape, target: Shape, *weights: tuple[str, Shape | None]) -> tuple[Shape, ...]:
        """Shape of the loss; refuses another target, and named weights that do not broadcast to x."""
        if target != x:
            raise self.refuse("target", target, f"is not the shape of x, {x}")
        for argument, weight in weights:
            if weight is not None and broadcast(weight, x) != x:
                raise self.refuse(argument, weight, f"does not broadcast to the shape of x, {x}")
        return (reduced_shape(self.reduction, x),)
