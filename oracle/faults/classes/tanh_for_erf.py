"""Tanh for erf: the approximation in the place of the function."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from oracle.faults.rule import Definition
from reference.op import Op, op_class


class TanhForErf(Definition):
    """`approximate="tanh"` where it is `"none"`, forward and backward."""

    def concerns(self, op: str) -> bool:
        """Ops that know both."""
        return any(each.name == "approximate" for each in fields(op_class(op)))

    def other(self, op: Op) -> Op:
        """See `Definition`."""
        changed: Any = op
        other: Op = replace(changed, approximate="tanh")
        return other
