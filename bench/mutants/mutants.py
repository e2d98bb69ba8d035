"""Building mutants, and planting them.

A mutant is a function's code compiled from its file with one expression changed.  Planting it exchanges
the code inside the living function object.  So the mutant is in force wherever the function is known,
in every module that imported it and on every op that was built before, and the class, its name and its
place in the registry stay as they are.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from operator import is_
from types import CodeType, FunctionType
from typing import Any

from bench.mutants.operators import OPERATORS, changed
from bench.mutants.subjects import Subject
from oracle.faults.source import Body, compiled, parsed


@dataclass(frozen=True)
class Mutant:
    """One small fault.

    Parameters
    ----------
    subject, function : str
        Where the fault is: the subject, and the qualified name of its function.
    before, after : str
        The statement, without and with the fault.
    operator : str
        The mutation operator that made it.
    target : function
        The function in force.
    code : code
        Its code with the fault.
    """

    subject: str
    function: str
    before: str
    after: str
    operator: str
    target: FunctionType
    code: CodeType

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names this mutant in the register of equivalents."""
        return self.subject, self.function, self.before, self.after

    def __str__(self) -> str:
        return f"{self.subject}: {self.function}: {self.before}  →  {self.after}"

    def planted(self) -> AbstractContextManager[None]:
        """Put the mutant in the place of the original inside the block."""
        return Body(self.target, self.code).planted()


def mutants(subject: Subject) -> tuple[Mutant, ...]:
    """All mutants of a subject, in the order of its source; none of them twice."""
    return tuple(mutant for function in subject.functions for mutant in _of_function(subject.name, function))


def _of_function(subject: str, target: FunctionType) -> Iterator[Mutant]:
    path, module, function = parsed(target)
    for operator, before, after, mutated in variants(module, function):
        code = compiled(mutated, path, target.__qualname__)
        # what no longer calls super() has another closure, and cannot stand in the place of the original
        if code is not None and code.co_freevars == target.__code__.co_freevars:
            yield Mutant(subject, target.__qualname__, before, after, operator, target, code)


def variants(module: ast.Module, function: ast.FunctionDef) -> Iterator[tuple[str, str, str, ast.Module]]:
    """Every change of one expression in `function`: operator, statement before and after, new module."""
    seen = {ast.dump(function)}
    known = _arguments(function)
    for statement in _statements(function.body):
        for node in _own_nodes(statement):
            for operator, replacements in OPERATORS.items():
                for replacement in replacements(node, tuple(known)):
                    new = ast.fix_missing_locations(ast.copy_location(copy.copy(replacement), node))
                    mutated = _replaced(function, node, new)
                    text = ast.dump(mutated)
                    if text not in seen:
                        seen.add(text)
                        after = _header(_replaced(statement, node, new))
                        yield operator, _header(statement), after, _replaced(module, function, mutated)
        known |= _assigned(statement)
        match statement:
            case ast.Assign(targets=[ast.Name()], value=ast.Name(id=alias)):
                known.pop(alias, None)  # `a = residuals`: two names for one value


def _replaced(tree: Any, old: ast.AST, new: ast.AST) -> Any:
    """Copy of a tree with `new` in the place of `old`; what lies beside the way to it is shared."""
    if tree is old:
        return new
    if isinstance(tree, list):
        items = [_replaced(item, old, new) for item in tree]
        return tree if all(map(is_, items, tree)) else items
    if isinstance(tree, ast.AST):
        for name, value in ast.iter_fields(tree):
            item = _replaced(value, old, new)
            if item is not value:
                return changed(tree, **{name: item})
    return tree


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a body, nested ones too.

    Refusals are left out: an ``if …: raise`` decides about inputs that no campaign draws.
    """
    for statement in body:
        refusal = isinstance(statement, ast.If) and isinstance(statement.body[0], ast.Raise)
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if refusal or docstring or isinstance(statement, ast.Raise):
            continue
        yield statement
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that do not belong to a statement inside it.

    A test for `None` is one node: it has two outcomes, and other operators force both.
    """
    yield statement
    if isinstance(statement, ast.Compare) and isinstance(statement.ops[0], ast.Is | ast.IsNot):
        return
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.arguments | ast.JoinedStr):
            yield from _own_nodes(child)


def _header(statement: ast.AST) -> str:
    """Text of a statement; of a compound one its first line."""
    return ast.unparse(statement).partition("\n")[0]


def _arguments(function: ast.FunctionDef) -> dict[str, None]:
    """Arguments of a function (as an ordered set), without `self`."""
    named = [*function.args.posonlyargs, *function.args.args]
    if function.args.vararg is not None:
        named.append(function.args.vararg)
    return dict.fromkeys(argument.arg for argument in named if argument.arg != "self")


def _assigned(statement: ast.stmt) -> dict[str, None]:
    """Variables that a statement itself assigns."""
    stored = (
        node.id
        for node in _own_nodes(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return dict.fromkeys(stored)
