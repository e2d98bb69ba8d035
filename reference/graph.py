"""The graph: leaves, nodes, and the checks that make them a network.

A network comes from files that anybody may have written, so everything that would fail later, deep
in numpy and with a message about arrays, is refused here with one line that names node, argument and
shapes: wires that lead nowhere, cycles, inputs of the wrong kind, shapes that do not fit, sizes that
would not fit into memory.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from reference.op import Op, Shape, ShapeError
from reference.shapes import size

LeafKind = Literal["parameter", "input", "index", "mask", "state"]
FLOATING: frozenset[str] = frozenset({"parameter", "input", "state"})  # values in the network's dtype
DIFFERENTIABLE: frozenset[str] = frozenset({"parameter", "input"})  # leaves that have gradients

MAX_NODES = 4096
MAX_DEPTH = 1024
MAX_AXES = 32
MAX_ELEMENTS = 2**26  # of one wire: 512 MiB in float64
MAX_TOTAL = 2**28  # of all wires together

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_WIRE = re.compile(_NAME.pattern + r"(:[0-9]{1,4})?")


class ArchitectureError(ValueError):
    """A network that is refused; the message is one line that names node, argument and shape."""


def shown(name: str) -> str:
    """A name as messages show it: plain if it is one, else quoted, escaped and cut short."""
    return name if _WIRE.fullmatch(name) else repr(name[:80])


@dataclass(frozen=True, slots=True)
class Leaf:
    """A wire that nothing computes.

    Parameters
    ----------
    kind : {"parameter", "input", "state", "index", "mask"}
        The first three are floating point, and the first two have gradients.
    shape : tuple of int
        Shape of its array.
    bound : int, optional
        For an index: its entries lie in 0 … bound − 1.
    """

    kind: LeafKind
    shape: Shape
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One op, its attributes, and the wires that feed it (`None`: an optional input left out)."""

    op: Op
    inputs: tuple[str | None, ...]


Leaves = Mapping[str, Leaf]
Nodes = Mapping[str, Node]


def check_names(leaves: Leaves, nodes: Nodes) -> None:
    """Refuse names, and shapes and bounds of leaves, that make no sense by themselves."""
    if len(nodes) > MAX_NODES:
        raise ArchitectureError(f"nodes: {len(nodes)} of them; at most {MAX_NODES} are allowed")
    for name in (*leaves, *nodes):
        if not _NAME.fullmatch(name):
            raise ArchitectureError(
                f"{name[:80]!r}: not a name; use letters, digits and _, at most 64 of them"
            )
        if name in leaves and name in nodes:
            raise ArchitectureError(f"{name}: both a leaf and a node have this name")
    for name, leaf in leaves.items():
        if len(leaf.shape) > MAX_AXES or any(n < 0 for n in leaf.shape):
            raise ArchitectureError(
                f"leaf {name}: shape {leaf.shape} is negative or has over {MAX_AXES} axes"
            )
        if (leaf.kind == "index") != (leaf.bound is not None) or (leaf.bound is not None and leaf.bound < 1):
            raise ArchitectureError(f"leaf {name}: an index, and nothing else, has a bound of at least 1")


def topological_order(leaves: Leaves, nodes: Nodes) -> tuple[str, ...]:
    """Order in which nodes can run: Kahn's algorithm (1962), the first name first where several could."""
    waits: dict[str, int] = {}
    feeds: dict[str, list[str]] = {}
    for name, node in nodes.items():
        sources = set()
        for wire in node.inputs:
            source = wire if wire is None or wire in leaves else wire.partition(":")[0]
            if source in nodes:
                sources.add(source)
            elif source is not None and source not in leaves:
                raise ArchitectureError(
                    f"node {name}: input {shown(cast(str, wire))} is neither a leaf nor a node's output"
                )
        waits[name] = len(sources)
        for source in sources:
            feeds.setdefault(cast(str, source), []).append(name)
    ready = sorted(name for name, count in waits.items() if count == 0)
    order: list[str] = []
    depth = dict.fromkeys(ready, 1)
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        for follower in feeds.get(name, ()):
            waits[follower] -= 1
            depth[follower] = max(depth.get(follower, 1), depth[name] + 1)
            if waits[follower] == 0:
                heapq.heappush(ready, follower)
    if len(order) < len(nodes):
        stuck = sorted(name for name, count in waits.items() if count > 0)
        raise ArchitectureError(f"nodes: a cycle passes through {', '.join(stuck[:8])}")
    deepest = max(depth, key=lambda name: depth[name], default=None)
    if deepest is not None and depth[deepest] > MAX_DEPTH:
        raise ArchitectureError(f"node {deepest}: depth {depth[deepest]}; at most {MAX_DEPTH} is allowed")
    return tuple(order)


def infer(
    name: str, node: Node, shapes: Mapping[str, Shape], leaves: Leaves, differentiable: set[str]
) -> tuple[Shape, ...]:
    """Shapes of the wires that a node drives, once its inputs are known to fit.

    A state has no gradient, so only what depends on no differentiable leaf can be one.
    """
    signature = node.op.signature()
    if not signature.accepts(len(node.inputs)):
        wants = ", ".join(signature.names)
        raise ArchitectureError(
            f"node {name}: {node.op.name} takes ({wants}), {len(node.inputs)} inputs are given"
        )
    for position, wire in enumerate(node.inputs):
        argument = signature.name(position)
        if wire is None:
            if position < signature.required or signature.variadic:
                raise ArchitectureError(f"node {name}: {argument} cannot be left out")
            continue
        if wire not in shapes:
            raise ArchitectureError(f"node {name}: {argument} is {shown(wire)}, a wire that nothing drives")
        leaf = leaves.get(wire)
        kind: str = "floating" if leaf is None or leaf.kind in FLOATING else leaf.kind
        wanted = node.op.kinds.get(argument, "floating")
        if kind == "floating" and wanted == "state":
            kind = "differentiable" if wire in differentiable else "state"
        if kind != wanted:
            raise ArchitectureError(
                f"node {name}: {argument} of {node.op.name} takes a wire of kind {wanted}, {wire} is {kind}"
            )
    try:
        return node.op.infer(*(None if wire is None else shapes[wire] for wire in node.inputs))
    except ShapeError as error:
        raise ArchitectureError(f"node {name}: {error}") from None


def driven(node: Node, wires: tuple[str, ...], differentiable: set[str]) -> set[str]:
    """Those of a node's wires that depend differentiably on a wire of `differentiable`."""
    if differentiable.isdisjoint(node.inputs):
        return set()
    return {wire for place, wire in enumerate(wires) if place not in node.op.constant_outputs}


def connections(
    nodes: Nodes,
    backwards: Iterable[str],
    wires: Mapping[str, tuple[str, ...]],
    differentiable: set[str],
    outputs: tuple[str, ...],
) -> set[str]:
    """Wires that an output depends on along a path of wires of `differentiable`."""
    connected = differentiable.intersection(outputs)
    for name in backwards:
        if not connected.isdisjoint(wires[name]):
            connected.update(differentiable.intersection(nodes[name].inputs))
    return connected


def check_sizes(shapes: Mapping[str, Shape]) -> None:
    """Refuse networks that would not fit into memory."""
    total = 0
    for wire, shape in shapes.items():
        elements = size(shape)
        total += elements
        if elements > MAX_ELEMENTS:
            raise ArchitectureError(
                f"wire {wire}: shape {shape} has {elements} entries; at most {MAX_ELEMENTS}"
            )
        if len(shape) > MAX_AXES:
            raise ArchitectureError(f"wire {wire}: shape {shape} has over {MAX_AXES} axes")
    if total > MAX_TOTAL:
        raise ArchitectureError(f"architecture: {total} entries on all wires; at most {MAX_TOTAL}")


def check_everything_is_used(
    leaves: Leaves,
    nodes: Nodes,
    outputs: tuple[str, ...],
    order: tuple[str, ...],
    shapes: Mapping[str, Shape],
) -> None:
    """Refuse outputs that nothing drives, and leaves and nodes that reach no output."""
    if not outputs:
        raise ArchitectureError("outputs: needs at least one wire")
    used: set[str] = set()
    for wire in outputs:
        if wire in leaves or wire not in shapes:
            raise ArchitectureError(f"outputs: {shown(wire)} is not driven by a node")
        if wire in used:
            raise ArchitectureError(f"outputs: {wire} is listed twice")
        used.add(wire)
    used = {wire.partition(":")[0] for wire in used}
    for name in reversed(order):
        if name in used:
            used.update(wire.partition(":")[0] for wire in nodes[name].inputs if wire is not None)
    for name in (*leaves, *nodes):
        if name not in used:
            raise ArchitectureError(f"{name}: reaches no output; remove it, or list it in outputs")
