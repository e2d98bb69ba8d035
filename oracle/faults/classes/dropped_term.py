"""A dropped term: the first sum of a rule loses one of its summands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import FunctionType

import reference.ops
from oracle.faults.bite import shows
from oracle.faults.rule import Rewritten
from oracle.faults.source import Body, compiled, parsed, reached
from reference.op import op_class


@dataclass(frozen=True)
class DroppedTerm(Rewritten):
    """a ± b ↦ a in the first sum, of the op's `vjp` or a function that it calls, that is one of numbers.

    Parameters
    ----------
    chosen : Body, optional
        The function without the term, for one that was chosen already.
    """

    chosen: Body | None = None

    def body(self, op: str) -> Body | None:
        """See `Rewritten`."""
        return self.chosen or _first(op)


@cache
def _first(op: str) -> Body | None:
    """The first one that changes numbers: a sum of indices or sizes changes shapes, or raises."""
    functions = reached(op_class(op), "vjp")
    bodies = (body for function in functions for body in _without_term(function))
    return next((body for body in bodies if shows(DroppedTerm(body), op)), None)


def _without_term(function: FunctionType) -> Iterator[Body]:
    """The function without a term, for each sum of two variables in it."""
    if not function.__module__.startswith(reference.ops.__name__):
        return
    path, module, definition = parsed(function)
    for node in list(ast.walk(definition)):
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=right) if not isinstance(
                left, ast.Constant
            ) and not isinstance(right, ast.Constant):
                before, node.op, node.right = node.op, ast.Mult(), ast.copy_location(ast.Constant(1), right)
                code = compiled(module, path, function.__qualname__)
                node.op, node.right = before, right
                if code is not None and code.co_freevars == function.__code__.co_freevars:
                    yield Body(function, code)
