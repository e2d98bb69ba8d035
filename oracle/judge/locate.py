"""Which node is guilty: every node of a failing case by itself, on the values that it has there.

A network hides where a fault sits: an error spreads forward through the outputs and backward through the
gradients, and a small change of definition may drown on its way to the outputs.  So each node becomes
a case of its own, with its inputs and its cotangent as the reference has them in the failing case, first
in the case's dtype and then in float64, which sees most.  No truth is needed for these values: whatever they
are, they are *some* inputs, on which the node is judged like any other case.

A fault of a whole network (cotangents of a fan-out that are not added, a tied weight that is lost)
shows in no node alone; then the case keeps its verdict, and the op that its worst tensor points to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.layouts import arrange
from reference.architecture import Architecture, Leaf
from reference.backprop import backward_pass, forward_pass
from reference.graph import Node

Array = NDArray[Any]


def node_cases(case: Case) -> Iterator[tuple[str, Case]]:
    """Every node as a case of its own, in the order of the network.

    Parameters
    ----------
    case : Case
        The whole network.

    Yields
    ------
    name : str
        Name of the node.
    case : Case
        The node alone; its leaves are called like the wires that feed it.
    """
    network = case.architecture
    forward = forward_pass(network, case.leaves)
    v_bar = backward_pass(network, forward, case.cotangents)
    for name in network.order:
        yield name, _alone(case, name, forward.values, v_bar)


def _alone(case: Case, name: str, values: Mapping[str, Array], v_bar: Mapping[str, Array]) -> Case:
    network = case.architecture
    node = network.nodes[name]
    renamed = {wire: wire.replace(":", "_") for wire in node.inputs if wire is not None}
    leaves = {
        alone: network.leaves.get(wire, Leaf("input", network.shapes[wire]))
        for wire, alone in renamed.items()
    }
    inputs = tuple(None if wire is None else renamed[wire] for wire in node.inputs)
    wires = network.wires[name]
    small = Architecture(leaves, {name: Node(node.op, inputs)}, wires)
    arrays = {alone: np.asarray(values[wire]) for wire, alone in renamed.items()}
    layouts = {  # an output's is that of its cotangent
        alone: case.layouts[wire] if wire in network.leaves else "contiguous"
        for wire, alone in renamed.items()
    }
    layouts |= {wire: _repeated(case.layouts.get(wire, "contiguous")) for wire in wires}
    cotangents = {
        wire: arrange(
            np.asarray(v_bar[wire] if wire in v_bar else np.zeros_like(values[wire])), layouts[wire]
        )
        for wire in wires
    }
    return Case(small, case.dtype, arrays, cotangents, layouts, case.origin)


def _repeated(layout: str) -> str:
    """The layout, unless it needs equal slices: further paths may have added to the cotangent."""
    return "contiguous" if layout == "expanded" else layout
