"""What is mutated: the functions that an op's `forward` and `vjp` consist of.

An op's own functions are its two rules and the private functions and methods of its file that they
call.  A function of another file of `reference/` is a subject by itself, judged on campaigns of all ops
that use it: `unbroadcast`, `reduce`, `spread`.  Those that an `infer` calls as well (`size`,
`broadcast`, `normalize_axis`) are arithmetic of shapes and no part of a derivative: a change there would
change what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType

from reference.op import Op, op_class, op_names

RULES = ("forward", "vjp")


@dataclass(frozen=True)
class Subject:
    """Functions that are mutated, one at a time.

    Parameters
    ----------
    name : str
        Name of an op, or of a function that several ops share.
    functions : tuple of function
        The functions, in the order of their file.
    ops : tuple of str
        The ops whose campaigns judge the mutants.
    """

    name: str
    functions: tuple[FunctionType, ...]
    ops: tuple[str, ...]


@cache
def subjects() -> dict[str, Subject]:
    """All subjects by name: the ops first, then what they share."""
    found: dict[str, Subject] = {}
    users: dict[FunctionType, list[str]] = {}
    of_shapes: set[FunctionType] = set()
    for name in op_names():
        cls = op_class(name)
        of_shapes.update(_reached(cls, "infer"))
        functions = _reached(cls, *RULES)
        own = [function for function in functions if function.__module__ == cls.__module__]
        own.sort(key=lambda function: function.__code__.co_firstlineno)
        found[name] = Subject(name, tuple(own), (name,))
        for function in functions:
            if function.__module__ != cls.__module__:
                users.setdefault(function, []).append(name)
    shared = {
        f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}": function
        for function in users
        if function not in of_shapes
    }
    for name, function in sorted(shared.items()):
        found[name] = Subject(name, (function,), tuple(users[function]))
    return found


def _reached(cls: type[Op], *roots: str) -> list[FunctionType]:
    """The methods `roots`, and the functions of `reference/` that they call, directly or not."""
    waiting = [_callee(cls, {}, root) for root in roots]
    found: list[FunctionType] = []
    while waiting:
        function = waiting.pop()
        if function is not None and function not in found:
            found.append(function)
            waiting += [_callee(cls, function.__globals__, name) for name in _names(function.__code__)]
    return found


def _callee(cls: type[Op], module: dict[str, object], name: str) -> FunctionType | None:
    """Function that `name` means in a method of `cls`, when it is one that carries a rule."""
    value = getattr(cls, name, module.get(name))
    if not isinstance(value, FunctionType):
        return None
    home = value.__module__
    return value if home.startswith("reference.") and home != Op.__module__ else None


def _names(code: CodeType) -> Iterator[str]:
    """Names of globals and attributes that a function and the functions in it read."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
