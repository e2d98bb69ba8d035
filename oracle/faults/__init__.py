"""Faults that are planted on purpose, to see whether the oracle finds them and whom it blames.

One file of `classes` is one class of fault, registered by its name as an op is: it says which ops it
concerns, how it is planted in either side, and the verdict that it must get.  What is planted is drawn
by nobody: every class goes into every op that it concerns, so a new op is tried by construction.

`fault` says what a class is, `corruption`, `rule` and `network` are its kinds, `hunt` plants one and runs
a campaign until it is caught, `record` keeps what came out, `tables` prints it, `clean` counts what was
cried over nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from oracle.faults import classes
from oracle.faults.fault import Fault


def fault_names() -> tuple[str, ...]:
    """Names of all classes of fault, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(classes.__path__)))


@cache
def fault(name: str) -> Fault:
    """The class of fault of this name.

    Raises
    ------
    KeyError
        If no file of `oracle/faults/classes` has that name.
    """
    if name not in fault_names():
        raise KeyError(name)
    module = importlib.import_module(f"{classes.__name__}.{name}")
    (defined,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Fault) and value.__module__ == module.__name__
    )
    return defined()


def concerned(op: str) -> tuple[str, ...]:
    """The classes of fault that are planted in this op."""
    return tuple(name for name in fault_names() if fault(name).concerns(op))
