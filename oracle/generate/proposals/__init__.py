"""How each op may be wired in: one module per family, one function per op, named like the op.

A proposal takes the network under construction, chooses wires to start from, adds leaves and draws
attributes (non-default ones too).  An op without attributes that takes one wire needs no proposal.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import fields
from functools import cache

from oracle.generate.builder import Builder, Proposal
from reference.op import family, op_class


@cache
def proposal(name: str) -> Callable[[Builder], Proposal]:
    """The function that proposes the op called `name`.

    Raises
    ------
    LookupError
        If there is none and the op is not elementwise in one wire without attributes.
    """
    module = importlib.import_module(f"oracle.generate.proposals.{family(name)}")
    written: Callable[[Builder], Proposal] | None = getattr(module, name, None)
    if written is not None:
        return written
    cls = op_class(name)
    if len(cls.signature().names) > 1 or fields(cls):
        raise LookupError(f"op {name}: write a function {name} in {module.__name__}")

    def elementwise(draw: Builder) -> Proposal:
        wire = draw.any_wire()
        return {}, (wire,), wire.log2

    return elementwise
