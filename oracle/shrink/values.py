"""Simpler numbers: attributes at their defaults, contiguous float64, values that are 0 or 1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from itertools import chain, combinations, islice, product
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import numpy as np

from oracle.case import Case
from oracle.shrink.cost import of_attributes, of_number
from oracle.shrink.draft import Array, Draft
from oracle.shrink.sizes import cuts
from reference.architecture import Node, attribute_types
from reference.op import Op

FEW = 8  # simpler values of an attribute that are tried together with another's
EACH = 64  # entries of an array that are tried one by one
BITS = (1, 2, 3, 4, 8, 16, 24)
SIMPLE = (0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 0.25)


def simpler_attributes(case: Case) -> Iterator[Draft]:
    """Every attribute at its default, then at others; then two of a node simpler at once.

    A kernel and its padding go down together.  One alone need not be simpler: fewer entries are worth more.
    """
    draft = Draft.of(case)
    for name, node in draft.nodes.items():
        for op in chain(_one_other(node.op), _two_simpler(node.op)):
            yield from _aimed(replace(draft, nodes={**draft.nodes, name: Node(op, node.inputs)}))


def attributes_with_sizes(case: Case) -> Iterator[Draft]:
    """Sizes cut and attributes of a node changed, at once: padding goes where the kernel goes.

    Sizes are cut everywhere to very little, or along one axis; attributes are made simpler, all but one or
    two of them, or one is changed, which need not be simpler: fewer entries are worth padding.
    """
    draft = Draft.of(case)
    for name, node in draft.nodes.items():
        ops = [*_all_but_few(node.op), *_one_other(node.op)]
        for cut in cuts(case) if ops else ():
            for op in ops:
                yield from _aimed(replace(cut, nodes={**draft.nodes, name: Node(op, node.inputs)}))


def _aimed(draft: Draft) -> Iterator[Draft]:
    """As it is; with the nodes' first wires as outputs, for there may be fewer; and with cotangents of ones.

    Entries move with an attribute, and a unit vector misses.
    """
    yield draft
    first = {wire.partition(":")[0]: draft.values[wire] for wire in draft.outputs}
    if tuple(first) != draft.outputs:
        yield replace(draft, outputs=tuple(first), values={**draft.values, **first})
    if any(not draft.values[wire].all() for wire in draft.outputs):
        yield replace(
            draft, values={**draft.values, **dict.fromkeys(draft.outputs, np.ones((), draft.dtype))}
        )


def _one_other(op: Op) -> Iterator[Op]:
    """The op with one attribute that is another."""
    types = attribute_types(type(op))  # type: ignore[arg-type]
    for f in fields(op):
        for other in _simpler(getattr(op, f.name), f.default, _options(types[f.name])):
            yield replace(op, **{f.name: other})


def _two_simpler(op: Op) -> Iterator[Op]:
    """The op with two attributes that are simpler together; a truth value may turn."""
    types, spent = attribute_types(type(op)), of_attributes(op)  # type: ignore[arg-type]
    others = {
        f.name: list(islice(_simpler(getattr(op, f.name), f.default, _options(types[f.name])), FEW))
        for f in fields(op)
    }
    for one, two in combinations(others, 2):
        for pair in product(others[one], others[two]):
            other = replace(op, **dict(zip((one, two), pair, strict=True)))
            if of_attributes(other) < spent:
                yield other


def _all_but_few(op: Op) -> Iterator[Op]:
    """The op with all attributes at their defaults; all but one; all but two."""
    unusual = [f for f in fields(op) if f.default is not MISSING and getattr(op, f.name) != f.default]
    for count in range(len(unusual), 1, -1):
        if len(unusual) - count <= 2:
            for some in combinations(unusual, count):
                yield replace(op, **{f.name: f.default for f in some})


def _options(hint: Any) -> tuple[Any, ...]:
    """What a union allows."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else ()


def _simpler(value: Any, default: Any, options: tuple[Any, ...]) -> Iterator[Any]:
    if default is not MISSING:
        yield default
    if NoneType in options:
        yield None
    if isinstance(value, tuple):
        if int in options:
            yield from sorted({entry for entry in value if entry is not None})
        yield (-1,)
        for place in range(len(value) - 1):
            yield value[:place] + value[place + 2 :]
        for place, entry in enumerate(value):
            yield value[:place] + value[place + 1 :]
            for other in _simpler(entry, 1, ()):
                yield (*value[:place], other, *value[place + 1 :])
    elif type(value) is bool:
        yield not value
    elif type(value) is int:
        yield from (0, 1, -1, 2, 3, value // 2, value - 1, value + 1)
        if any(get_origin(option) is tuple for option in options):  # both axes' number: another for one
            for other in dict.fromkeys(_simpler(value, 1, ())):
                yield from ((other, value), (value, other))
    elif type(value) is float:
        yield from SIMPLE
        yield from (rounded(value, bits) for bits in BITS)


def plain_layouts(case: Case) -> Iterator[Draft]:
    """All arrays contiguous, or one of them."""
    draft = Draft.of(case)
    unusual = [name for name, layout in case.layouts.items() if layout != "contiguous"]
    for names in (unusual, *([name] for name in unusual if len(unusual) > 1)):
        if names:
            yield replace(draft, layouts={**draft.layouts, **dict.fromkeys(names, "contiguous")})


def in_float64(case: Case) -> Iterator[Draft]:
    """The same values in float64."""
    if case.dtype != "float64":
        yield Draft.of(case.astype("float64"))


def simpler_values(case: Case) -> Iterator[Draft]:
    """Whole arrays of simple values, then single entries; a cotangent first becomes a unit vector."""
    draft = Draft.of(case)
    for wire in case.architecture.outputs:
        if wire in case.architecture.differentiable:
            for unit in _units(case.cotangents[wire]):
                yield replace(draft, values={**draft.values, wire: unit})
    for name, array in draft.values.items():
        if name in draft.leaves or name in case.architecture.differentiable:
            for other in (*_whole(array), *_single(array)):
                yield replace(draft, values={**draft.values, name: other})


def _units(cotangent: Array) -> Iterator[Array]:
    """Unit vectors; of many entries, at the largest and at the ends alone."""
    with np.errstate(invalid="ignore"):
        places = [int(np.argmax(np.abs(cotangent))) if cotangent.size else 0, 0, cotangent.size - 1]
    for place in range(cotangent.size) if cotangent.size <= EACH else dict.fromkeys(places):
        unit = np.zeros_like(cotangent, order="C")
        unit.flat[place] = 1
        yield unit


def _whole(array: Array) -> Iterator[Array]:
    if array.dtype.kind != "f":
        yield np.ones_like(array) if array.dtype.kind == "b" else np.zeros_like(array)
        return
    for value in (0, 1, -1):
        yield np.full_like(array, value)
    yield np.arange(array.size).reshape(array.shape).astype(array.dtype)
    with np.errstate(all="ignore"):
        yield np.rint(array)
        for bits in BITS:
            yield _rounded(array, bits)


def _single(array: Array) -> Iterator[Array]:
    if array.size > EACH:
        return
    for place in range(array.size):
        for value in _alternatives(array.flat[place]):
            changed = np.array(array, order="C")
            changed.flat[place] = value
            yield changed


def _alternatives(value: Any) -> Iterator[Any]:
    """Simpler values for one entry, the simplest first."""
    if isinstance(value, np.bool_):
        yield from () if value else (True,)
    elif isinstance(value, np.integer):
        yield from sorted({0, int(value) // 2, int(value) - 1} - {int(value), -1})
    else:
        number = float(value)
        others = [*SIMPLE, *(rounded(number, bits) for bits in BITS), float(np.rint(number))]
        told = sorted((of_number(other), place) for place, other in enumerate(others))
        yield from (others[place] for spent, place in told if spent < of_number(number))


def rounded(value: float, bits: int) -> float:
    """The nearest number of so many significant bits."""
    if not math.isfinite(value) or value == 0:
        return value
    significand, exponent = math.frexp(value)
    return math.ldexp(round(math.ldexp(significand, bits)), exponent - bits)


def _rounded(array: Array, bits: int) -> Array:
    significand, exponent = np.frexp(array)
    return np.asarray(np.ldexp(np.rint(np.ldexp(significand, bits)), exponent - bits), array.dtype)
