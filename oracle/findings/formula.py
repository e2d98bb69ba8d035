"""Formulas in conditions: numbers that are computed, entry by entry, from what a node is given.

    cotangent * (x - target) / maximum(x * (1 - x), 1e-12)

Names are what the caller says there is; the operations are + - * / **, the sign, `UFUNCS`, and `mean`, where
the caller has one.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

UFUNCS: dict[Any, np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.USub: np.negative,
    "abs": np.abs,
    "fmin": np.fmin,
    "log": np.log,
    "maximum": np.maximum,
    "sqrt": np.sqrt,
}
LONGEST = 200
Formula = Callable[[Mapping[str, Any]], Any]  # from names to a value; a `KeyError` where one is missing


class FormulaError(ValueError):
    """A text that is no formula; the message is one line."""


@lru_cache
def formula(text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    FormulaError
        If the text is none.
    """
    try:
        if len(text) > LONGEST:
            raise FormulaError("too long")
        return _read(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FormulaError(f"{text[:60]!r} is no formula") from None


def _read(node: ast.expr) -> Formula:
    key: Any
    parts: list[ast.expr]
    match node:
        case ast.Constant(value=float() | int() as number) if not isinstance(number, bool):
            value = float(number)
            if math.isinf(value):
                raise FormulaError("no number")
            return lambda names: value
        case ast.Name(id=name):
            return lambda names: names[name]
        case ast.Call(func=ast.Name(id="mean"), args=[part], keywords=[]):
            averaged = _read(part)
            return lambda names: names["mean"](averaged(names))
        case ast.UnaryOp(op=operation, operand=operand):
            key, parts = type(operation), [operand]
        case ast.BinOp(left=left, op=operator, right=right):
            key, parts = type(operator), [left, right]
        case ast.Call(func=ast.Name(id=function), args=parts, keywords=[]):
            key = function
        case _:
            raise FormulaError("no expression")
    ufunc = UFUNCS.get(key)
    if ufunc is None or ufunc.nin != len(parts):  # a ufunc writes to a further argument
        raise FormulaError("no operation")
    read = [_read(part) for part in parts]
    return lambda names: ufunc(*(part(names) for part in read))
