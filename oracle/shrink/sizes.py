"""Smaller sizes: axes of equal size are cut together, and the network says whether they still fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import combinations
from typing import Any

import numpy as np

from oracle.case import Case
from oracle.shrink.draft import Array, Draft
from reference.architecture import Leaf, Node

BOUND = -1  # stands for an index's bound among the axes of a leaf
SUBSETS = 5  # axes of one size, all of whose subsets are tried
LEAST = (1, 2, 3)
Axis = tuple[str, int]


def cuts(case: Case) -> Iterator[Draft]:
    """All axes cut to 1, 2 or 3; each axis cut to 1, to 2, and by one."""
    draft, axes = Draft.of(case), _axes(case)
    yield from _least(draft, axes)
    for axis, n in axes.items():
        for keep in sorted({1, 2, n - 1}):
            if 0 < keep < n:
                yield _cut(draft, {axis: range(keep)})


def _least(draft: Draft, axes: Mapping[Axis, int]) -> Iterator[Draft]:
    for least in LEAST:
        if any(n > least for n in axes.values()):
            yield _cut(draft, {axis: range(min(n, least)) for axis, n in axes.items()})


def smaller(case: Case) -> Iterator[Draft]:
    """All axes cut to 1, 2 or 3; then the axes of one size, from the largest cut to single entries."""
    draft, axes = Draft.of(case), _axes(case)
    yield from _least(draft, axes)
    for n in sorted({n for n in axes.values() if n > 1}, reverse=True):
        equal = [axis for axis, other in axes.items() if other == n]
        for kept in _kept(n):
            for some in _subsets(equal):
                cut = _cut(draft, dict.fromkeys(some, kept), case)
                yield cut
                nodes = {name: _resized(node, n, len(kept)) for name, node in draft.nodes.items()}
                if nodes != draft.nodes:
                    yield replace(cut, nodes=nodes)


def divided(case: Case) -> Iterator[Draft]:
    """All sizes that a prime divides, divided by it; of the attributes all, or one number, or none.

    Channels, groups and the factors of a reshape go down together.
    """
    draft, axes = Draft.of(case), _axes(case)
    for prime in sorted({p for n in axes.values() for p in _primes(n)}, reverse=True):
        share = {axis: n // prime for axis, n in axes.items() if n % prime == 0}
        for some in _subsets([*share]):
            for first in (True, False):
                kept = {a: range(share[a]) if first else range(axes[a] - share[a], axes[a]) for a in some}
                cut = _cut(draft, kept)
                yield from (replace(cut, nodes=nodes) for nodes in _divided(draft.nodes, prime))


def _primes(n: int) -> set[int]:
    return {p for p in range(2, n + 1) if n % p == 0 and all(p % q for q in range(2, p))}


def _divided(nodes: Mapping[str, Node], prime: int) -> Iterator[Mapping[str, Node]]:
    """No attribute divided; all that can be; one of them."""
    yield nodes
    places = [
        (name, f.name, place)
        for name, node in nodes.items()
        for f in fields(node.op)
        for place, entry in enumerate(_entries(getattr(node.op, f.name)))
        if entry and entry % prime == 0
    ]
    for some in (places, *([place] for place in places if len(places) > 1)):
        divided = dict(nodes)
        for name, attribute, place in some:
            node = divided[name]
            value = getattr(node.op, attribute)
            entries = [n // prime if k == place else n for k, n in enumerate(_entries(value))]
            changed = tuple(entries) if isinstance(value, tuple) else entries[0]
            divided[name] = Node(replace(node.op, **{attribute: changed}), node.inputs)
        if some:
            yield divided


def _entries(value: Any) -> tuple[int, ...]:
    """The integers of an attribute."""
    if type(value) is int:
        return (value,)
    return value if isinstance(value, tuple) and all(type(entry) is int for entry in value) else ()


def fewer_axes(case: Case) -> Iterator[Draft]:
    """An axis of size 1 removed, from all leaves that have it or from one."""
    draft = Draft.of(case)
    for axis in range(max((len(leaf.shape) for leaf in draft.leaves.values()), default=0)):
        held = [n for n, leaf in draft.leaves.items() if len(leaf.shape) > axis and leaf.shape[axis] == 1]
        for names in (held, *([name] for name in held if len(held) > 1)):
            if names:
                less = _without(draft, names, axis)
                yield less
                yield from (replace(less, nodes=nodes) for nodes in _fewer_entries(draft.nodes, axis))


def _fewer_entries(nodes: Mapping[str, Node], axis: int) -> Iterator[dict[str, Node]]:
    """Attributes without one entry 1 of a tuple, and with later axes counted one less."""
    for name, node in nodes.items():
        for f in fields(node.op):
            value = getattr(node.op, f.name)
            if isinstance(value, tuple) and 1 in value:
                place = value.index(1)
                other: Any = value[:place] + value[place + 1 :]
            elif type(value) is int and value > axis:
                other = value - 1
            else:
                continue
            yield {**nodes, name: Node(replace(node.op, **{f.name: other}), node.inputs)}


def _axes(case: Case) -> dict[Axis, int]:
    leaves = case.architecture.leaves
    sizes = {(name, axis): n for name, leaf in leaves.items() for axis, n in enumerate(leaf.shape)}
    return sizes | {(name, BOUND): leaf.bound for name, leaf in leaves.items() if leaf.bound is not None}


def _subsets(axes: list[Axis]) -> Iterator[tuple[Axis, ...]]:
    """All subsets where there are few, the largest first; else all axes, those of each leaf, and each."""
    if len(axes) <= SUBSETS:
        for count in range(len(axes), 0, -1):
            yield from combinations(axes, count)
        return
    yield tuple(axes)
    for name in dict.fromkeys(name for name, _ in axes):
        yield tuple(axis for axis in axes if axis[0] == name)
    yield from ((axis,) for axis in axes)


def _kept(n: int) -> Iterator[Sequence[int]]:
    """Which entries of an axis to keep: very few, or all but a chunk that gets smaller and smaller.

    Source: A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input" (2002).
    """
    seen = set()
    for least in LEAST:
        if least < n:
            seen |= {tuple(range(least)), tuple(range(n - least, n))}
            yield range(least)
            yield range(n - least, n)
    chunk = n // 2
    while chunk:
        for start in range(0, n, chunk):
            kept = (*range(start), *range(start + chunk, n))
            if kept and kept not in seen:
                seen.add(kept)
                yield kept
        chunk //= 2


def _cut(draft: Draft, kept: Mapping[Axis, Sequence[int]], case: Case | None = None) -> Draft:
    leaves, values = dict(draft.leaves), dict(draft.values)
    for (name, axis), keep in kept.items():
        leaf = leaves[name]
        if axis == BOUND:
            leaves[name] = Leaf(leaf.kind, leaf.shape, len(keep))
            values[name] = _renumbered(values[name], keep)
        else:
            shape = (*leaf.shape[:axis], len(keep), *leaf.shape[axis + 1 :])
            leaves[name] = Leaf(leaf.kind, shape, leaf.bound)
            values[name] = np.take(values[name], list(keep), axis)
    if case is not None:  # the cotangent of an axis that is as long as those that are cut
        keep = next(iter(kept.values()))
        n = _axes(case)[next(iter(kept))]
        for wire in draft.outputs:
            for axis, size in enumerate(case.architecture.shapes[wire]):
                if size == n and values[wire].shape[axis] == n:
                    values[wire] = _taken(values[wire], keep, axis)
    return replace(draft, leaves=leaves, values=values)


def _taken(array: Array, keep: Sequence[int], axis: int) -> Array:
    """The kept entries first, and the others behind them: the output may turn out as long as it was."""
    rest = sorted(set(range(array.shape[axis])) - set(keep))
    return np.take(array, [*keep, *rest], axis)


def _renumbered(index: Array, keep: Sequence[int]) -> Array:
    """Indices of the rows that are kept, by their new numbers; those of the others become 0."""
    place = {row: number for number, row in enumerate(keep)}
    return np.array([place.get(int(row), 0) for row in index.ravel()], index.dtype).reshape(index.shape)


def _resized(node: Node, old: int, new: int) -> Node:
    """The node with every size `old` in its attributes replaced."""
    changed = {f.name: _swapped(getattr(node.op, f.name), old, new) for f in fields(node.op)}
    return Node(replace(node.op, **changed), node.inputs)


def _swapped(value: Any, old: int, new: int) -> Any:
    if isinstance(value, tuple):
        return tuple(_swapped(entry, old, new) for entry in value)
    return new if type(value) is int and value == old else value


def _without(draft: Draft, names: list[str], axis: int) -> Draft:
    leaves, values = dict(draft.leaves), dict(draft.values)
    for name in names:
        leaf = leaves[name]
        leaves[name] = Leaf(leaf.kind, leaf.shape[:axis] + leaf.shape[axis + 1 :], leaf.bound)
        values[name] = np.squeeze(values[name], axis)
    return replace(draft, leaves=leaves, values=values)
