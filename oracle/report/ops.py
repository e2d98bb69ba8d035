"""The table of ops: what the reference has, and what stands beside it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields

from oracle.case import DTYPES
from oracle.counterparts import counterpart
from oracle.generate.proposals import proposal
from reference.op import Op, family, op_class, op_names

SMOOTH, KINKED = "Differentiable everywhere", "Not differentiable"
_WIDTHS = (13, 13, 13, 5, 5, 4)
_HEADER = ("op", "family", "dtypes", "kinks", "torch", "draw")


def table() -> Iterator[str]:
    """One op a line, attributes with their defaults at its end; at most 80 columns."""
    yield _line(_HEADER, "attributes")
    for name in op_names():
        cls = op_class(name)
        cells = (
            name, family(name), ",".join(DTYPES).replace("float", "f"), kinks(cls),
            _has(counterpart, name), _has(proposal, name),
        )  # fmt: skip
        wrapped = textwrap.wrap(", ".join(attributes(cls)), 80 - sum(_WIDTHS) - len(_WIDTHS))
        first, *more = wrapped if wrapped and len(name) <= _WIDTHS[0] else ["", *wrapped]
        yield _line(cells, first)
        yield from (_line(("",) * len(cells), line) for line in more)


def attributes(cls: type[Op]) -> list[str]:
    """Attributes of an op, with their defaults."""
    return [f.name if f.default is MISSING else f"{f.name}={_plain(f.default)}" for f in fields(cls)]


def kinks(cls: type[Op]) -> str:
    """Whether the op's file names points where it is not differentiable; ``"?"`` if it says nothing."""
    text = " ".join((inspect.getmodule(cls).__doc__ or "").split())
    return "yes" if KINKED in text else "no" if SMOOTH in text else "?"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _has(find: Callable[[str], object], name: str) -> str:
    try:
        find(name)
    except LookupError:
        return "no"
    return "yes"


def _line(cells: tuple[str, ...], rest: str) -> str:
    return (
        " ".join(f"{cell:{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)) + " " + rest
    ).rstrip()
