"""The source of the rules: which functions an op's rule calls, and their code with something changed."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

from reference.op import Op


@dataclass(frozen=True)
class Body:
    """A function with another body.

    Parameters
    ----------
    target : function
        The function in force.
    code : code
        What it is to do instead.
    rules : tuple of str
        The rules of an op during which it does so.
    """

    target: FunctionType
    code: CodeType
    rules: tuple[str, ...] = ("vjp",)

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Exchange the code inside the living function, wherever it was imported to."""
        original = self.target.__code__
        self.target.__code__ = self.code
        try:
            yield
        finally:
            self.target.__code__ = original


def reached(cls: type[Op], *roots: str) -> list[FunctionType]:
    """The methods `roots`, and the functions of `reference/` that they call, directly or not."""
    waiting = [_callee(cls, {}, root) for root in roots]
    found: list[FunctionType] = []
    while waiting:
        function = waiting.pop(0)
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


def parsed(function: FunctionType) -> tuple[str, ast.Module, ast.FunctionDef]:
    """Path and syntax tree of a function's file, and the function's definition in it."""
    path = inspect.getsourcefile(function)
    assert path is not None
    module = ast.parse(Path(path).read_text(encoding="utf-8"))
    return path, module, find(module, function.__qualname__)


def find(tree: ast.AST, qualname: str) -> ast.FunctionDef:
    """The definition of the function `qualname` in the syntax tree of a module."""
    for name in qualname.split("."):
        tree = next(
            node
            for node in ast.iter_child_nodes(tree)
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name
        )
    assert isinstance(tree, ast.FunctionDef)
    return tree


def compiled(module: ast.Module, path: str, qualname: str) -> CodeType | None:
    """Code of one function of a module, or None where the module does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = compile(module, path, "exec", dont_inherit=True)
        except SyntaxError:
            return None
    waiting = [code]
    while waiting:
        code = waiting.pop()
        if code.co_qualname == qualname:
            return code
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    raise LookupError(f"{path}: {qualname} is not there")
