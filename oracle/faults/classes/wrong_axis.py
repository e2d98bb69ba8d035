"""A wrong axis: the rule reduces, or runs, along another one."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from oracle.faults.bite import shows
from oracle.faults.rule import Recalled
from reference.op import Array, Op, ShapeError, op_class


class WrongAxis(Recalled):
    """The axis before `dim`, where every shape stays what it is."""

    def concerns(self, op: str) -> bool:
        """Ops with an attribute `dim`."""
        return any(each.name == "dim" for each in fields(op_class(op))) and shows(self, op)

    def recall(self, op: Op, inputs: tuple[Array | None, ...]) -> tuple[Op, tuple[Array | None, ...]]:
        """See `Recalled`."""
        shapes = [None if x is None else x.shape for x in inputs]
        changed: Any = op
        axes = len(shapes[0] or ())
        if not isinstance(changed.dim, int) or axes < 2:
            return op, inputs
        before = replace(changed, dim=(changed.dim % axes - 1) % axes)
        try:
            same = before.infer(*shapes) == op.infer(*shapes)
        except ShapeError:
            same = False
        return (before if same else op), inputs
