"""A first draft of what a finding matches."""

from __future__ import annotations

import math
from dataclasses import fields

from oracle.findings.groups import Group
from oracle.findings.predicate import Condition


def conditions(group: Group) -> tuple[Condition, ...]:
    """Conditions that cover a group and not much more.

    The tensors that fail together are one fault's.  Attributes that are words are held even at their
    defaults: that they do not matter, nobody has shown.  The error is held to the power of two above the
    largest that was seen: a fault that is off by more is another one.
    """
    shrunk = group.first
    case, failure = shrunk.case, shrunk.failure
    tensors = sorted(frozenset().union(*(each.failing for each in group.members)))
    found = [
        Condition("tensor", "in", tensors) if len(tensors) > 1 else Condition("tensor", "==", tensors[0])
    ]
    if len(case.architecture.nodes) > 1:
        names = [case.architecture.nodes[name].op.name for name in case.architecture.order]
        found.append(Condition("ops", "==", names))
    for name in case.architecture.order:
        op = case.architecture.nodes[name].op
        if op.name == failure.op:
            for f in fields(op):
                value = getattr(op, f.name)
                if value != f.default or isinstance(value, str | bool):
                    plain = list(value) if isinstance(value, tuple) else value
                    found.append(Condition(f"attribute {f.name}", "==", plain))
    found += [Condition(f"layout {name}", "==", case.layouts[name]) for name in case.leaves
              if case.layouts[name] != "contiguous"]  # fmt: skip
    if case.dtype == "float32":
        found.append(Condition("dtype", "==", "float32"))
    gives = {each.gives for each in group.members}
    if gives != {""} and len(gives) == 1:
        found.append(Condition("gives", "==", *gives))
    error = max(each.error for each in group.members)
    if error > 0:
        found.append(Condition("error", "<=", 2.0 ** math.ceil(math.log2(error))))
    if failure.kind:
        found.append(Condition("message", "==", failure.kind))
    return tuple(found)
