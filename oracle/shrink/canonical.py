"""Names that do not depend on the case that was drawn: equal faults give equal files."""

from __future__ import annotations

from oracle.case import Case
from oracle.shrink.networks import trimmed
from reference.architecture import Architecture, Leaf, Node


def canonical(case: Case) -> Case:
    """The same case with its wires renamed.

    The leaves of a single node are called like the op's arguments; those of a network x1, x2, … and its nodes
    y1, y2, … in their order.  Parameters, which are inputs that are trained, become inputs.
    """
    network = case.architecture
    nodes = {old: "y" if len(network.nodes) == 1 else f"y{k + 1}" for k, old in enumerate(network.order)}
    names = {**_leaves(network), **nodes}

    def new(wire: str) -> str:
        node, colon, place = wire.partition(":")
        return f"{names[node]}{colon}{place}"

    renamed = Architecture(
        {names[name]: _plain(leaf) for name, leaf in network.leaves.items()},
        {
            new(name): Node(node.op, trimmed(tuple(wire and new(wire) for wire in node.inputs)))
            for name, node in network.nodes.items()
        },
        tuple(new(wire) for wire in network.outputs),
    )
    return Case(
        renamed,
        case.dtype,
        {new(name): array for name, array in case.leaves.items()},
        {new(wire): array for wire, array in case.cotangents.items()},
        {new(wire): layout for wire, layout in case.layouts.items()},
        case.origin,
    )


def _leaves(network: Architecture) -> dict[str, str]:
    used = [
        (wire, node.op.signature().name(place))
        for node in (network.nodes[name] for name in network.order)
        for place, wire in enumerate(node.inputs)
        if wire is not None and wire in network.leaves
    ]
    first: dict[str, str] = {}
    for wire, argument in used:
        first.setdefault(wire, argument.replace("[", "").replace("]", ""))
    if len(network.nodes) > 1:
        return {wire: f"x{place + 1}" for place, wire in enumerate(first)}
    return first


def _plain(leaf: Leaf) -> Leaf:
    return Leaf("input", leaf.shape) if leaf.kind == "parameter" else leaf
