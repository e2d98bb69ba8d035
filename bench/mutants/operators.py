"""Mutation operators: what a small fault in a formula looks like.

An operator is a function of one node of the syntax tree that yields the nodes that could stand in its
place.  Every yield is one mutant.  Operators build new nodes and leave the given one as it is.

Where a value has to vanish it becomes ``0 * value``: that needs no import in the mutated file, and
keeps shape and dtype.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

Operator = Callable[[ast.AST, tuple[str, ...]], Iterator[ast.AST]]

ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.Sub),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mod,),
    ast.MatMult: (),
}
COMPARISON: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
FUNCTIONS = {
    "abs": ("square",),
    "cos": ("sin",),
    "exp": ("expm1", "exp2"),
    "expm1": ("exp",),
    "log": ("log1p", "log2"),
    "log1p": ("log",),
    "max": ("min", "sum"),
    "maximum": ("minimum", "add"),
    "min": ("max",),
    "minimum": ("maximum",),
    "ones_like": ("zeros_like",),
    "sign": ("abs",),
    "sin": ("cos",),
    "sqrt": ("square", "cbrt"),
    "square": ("abs",),
    "sum": ("max", "mean", "prod"),
    "tanh": ("arctan", "sinh"),
    "zeros_like": ("ones_like",),
}
INTEGERS = {0: (1,), 1: (0, 2), 2: (1, 3)}


def changed(node: Any, **fields: Any) -> Any:
    """Copy of a node with some of its fields replaced."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _replaced(items: list[Any], position: int, *new: Any) -> list[Any]:
    return [*items[:position], *new, *items[position + 1 :]]


def _swaps(items: list[Any]) -> Iterator[list[Any]]:
    """`items` with two neighbours exchanged."""
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _negative(value: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), value)


def _times_zero(value: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Constant(0), ast.Mult(), value)


def _plus_one(value: ast.expr) -> ast.expr:
    return ast.BinOp(value, ast.Add(), ast.Constant(1))


def _is_numpy(node: ast.AST, *names: str) -> bool:
    """Whether the node is ``np.name(…)`` for one of `names` (for any name when none is given)."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "np"
        and (not names or node.func.attr in names)
    )


def arithmetic(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """Another operator, or the operands the other way round."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield changed(node, op=other())
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield changed(node, left=node.right, right=node.left)


def comparison(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """Another comparison: the boundary moved to the other side, or the direction reversed."""
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in COMPARISON[type(op)]:
                yield changed(node, ops=_replaced(node.ops, i, other()))


def sign(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A minus (or a `not`) removed; a minus before an assigned formula or a function's argument."""
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp | ast.Call):
        yield changed(node, value=_negative(node.value))
    if isinstance(node, ast.Call) and _is_numpy(node):
        for value in node.args[:1]:
            if isinstance(value, ast.BinOp | ast.Name):
                yield changed(node, args=_replaced(node.args, 0, _negative(value)))


def constant(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A neighbouring integer, a float off by one part in a thousand, the other truth value."""
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        for other in INTEGERS.get(node.value, (node.value - 1, node.value + 1)):
            yield ast.Constant(other)
    elif isinstance(node.value, float):
        yield ast.Constant(node.value * 1.001 if node.value else 0.001)
        yield ast.Constant(-node.value if node.value else 1.0)


def dropped_term(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """One of two operands alone."""
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right
    if isinstance(node, ast.AugAssign):
        yield ast.Pass()


def dropped_function(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A call replaced by its first argument: `exp(x)` → `x`, `unbroadcast(y, shape)` → `y`."""
    if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]


def other_function(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A function of numpy replaced by a relative."""
    if isinstance(node, ast.Call) and _is_numpy(node, *FUNCTIONS):
        assert isinstance(node.func, ast.Attribute)
        for other in FUNCTIONS[node.func.attr]:
            yield changed(node, func=changed(node.func, attr=other))


def axis(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """The keyword `axis` left out, or another axis."""
    if not isinstance(node, ast.Call):
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            yield changed(node, keywords=_replaced(node.keywords, i))
            if not isinstance(keyword.value, ast.Constant):
                zero = changed(keyword, value=ast.Constant(0))
                yield changed(node, keywords=_replaced(node.keywords, i, zero))


def transpose(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A transposition removed, or of all axes instead of the last two."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value
        if node.attr == "mT":
            yield changed(node, attr="T")


def shifted_slice(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A bound of a slice moved by one, or left out."""
    if isinstance(node, ast.Slice):
        for bound in ("lower", "upper"):
            value = getattr(node, bound)
            if value is not None:
                yield changed(node, **{bound: _plus_one(value)})
                yield changed(node, **{bound: None})
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("slice", "range"):
        for i, value in enumerate(node.args):
            yield changed(node, args=_replaced(node.args, i, _plus_one(value)))


def branch(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A condition forced either way."""
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    if isinstance(node, ast.If):
        yield changed(node, test=ast.Constant(True))
        yield changed(node, test=ast.Constant(False))


def boolean(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """`and` for `or` and the reverse; one operand left out."""
    if isinstance(node, ast.BoolOp):
        yield changed(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
        for i in range(len(node.values)):
            rest = _replaced(node.values, i)
            yield rest[0] if len(rest) == 1 else changed(node, values=rest)


def where(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """The branches of `where` exchanged, or one of them everywhere."""
    if isinstance(node, ast.Call) and _is_numpy(node, "where") and len(node.args) == 3:
        condition, yes, no = node.args
        yield changed(node, args=[condition, no, yes])
        yield yes
        yield no


def returned(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """What a function returns: two values exchanged; one negated, zeroed or `None`; a test forced."""
    if isinstance(node, ast.Return) and node.value is not None:
        for value in _other_values(node.value):
            yield changed(node, value=value)


def _other_values(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.Tuple):
        for elements in _swaps(value.elts):
            yield changed(value, elts=elements)
        for i, element in enumerate(value.elts):
            for other in _other_values(element):
                yield changed(value, elts=_replaced(value.elts, i, other))
    elif isinstance(value, ast.Compare):
        yield ast.Constant(True)
        yield ast.Constant(False)
    elif not isinstance(value, ast.Constant):
        yield _negative(value)
        yield _times_zero(value)
        yield ast.Constant(None)


def other_name(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """A variable read in the place of another: the wrong residual, the wrong cotangent."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for other in names:
            if other != node.id:
                yield changed(node, id=other)


OPERATORS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        arithmetic,
        comparison,
        sign,
        constant,
        dropped_term,
        dropped_function,
        other_function,
        axis,
        transpose,
        shifted_slice,
        branch,
        boolean,
        where,
        returned,
        other_name,
    )
}
