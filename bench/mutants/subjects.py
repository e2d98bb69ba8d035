"""What is mutated: the functions that an op's `forward` and `vjp` consist of.

An op's own functions are its two rules and the private functions and methods of its file that they
call.  A function of another file of `reference/` is a subject by itself, judged on campaigns of all ops
that use it: `unbroadcast`, `reduce`, `spread`.  Those that an `infer` calls as well (`size`,
`broadcast`, `normalize_axis`) are arithmetic of shapes and no part of a derivative: a change there would
change what is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import FunctionType

from oracle.faults.source import reached
from reference.op import op_class, op_names

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
        of_shapes.update(reached(cls, "infer"))
        functions = reached(cls, *RULES)
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
