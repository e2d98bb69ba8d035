"""A mean for a sum, and a sum for a mean."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from oracle.faults.rule import Definition
from reference.op import Op, op_class

OTHER = {"mean": "sum", "sum": "mean"}


class MeanForSum(Definition):
    """The other reduction of a loss, forward and backward."""

    def concerns(self, op: str) -> bool:
        """Ops with a reduction."""
        return any(each.name == "reduction" for each in fields(op_class(op)))

    def other(self, op: Op) -> Op:
        """See `Definition`."""
        changed: Any = op
        other: Op = replace(changed, reduction=OTHER.get(changed.reduction, changed.reduction))
        return other
