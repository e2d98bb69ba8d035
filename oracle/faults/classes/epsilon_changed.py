"""Another ε: half as large again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from oracle.faults.rule import Definition
from reference.op import Op, op_class


class EpsilonChanged(Definition):
    """ε ↦ 1.5 ε + 10⁻⁶, forward and backward."""

    def concerns(self, op: str) -> bool:
        """Ops that have an ε."""
        return any(each.name == "eps" for each in fields(op_class(op)))

    def other(self, op: Op) -> Op:
        """See `Definition`."""
        changed: Any = op
        return op if changed.eps is None else replace(changed, eps=1.5 * changed.eps + 1e-6)
