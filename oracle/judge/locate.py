"""Which node is guilty: every node of a failing case by itself, on the values that it has there.

A network hides where a fault sits: an error spreads forward through the outputs and backward through the
gradients, and a small change of definition may drown on its way to the outputs.  So each node becomes
a case of its own, with its inputs and its cotangent as the reference has them in the failing case, first
in the case's dtype and then in float64, which sees most.  No truth is needed for these values: whatever they
are, they are *some* inputs, on which the node is judged like any other case.

A node's error may also be small beside its own gradient and large beside what the network makes of it
(the one small entry is picked out, the rest cancels).  So where no node fails alone, each is put into the
reference in its turn: `Lent` is the reference, but for that node's derivative, which is the candidate's.

A fault of a whole network (cotangents of a fan-out that are not added, a tied weight that is lost)
shows in no node at all; then the case keeps its verdict, and the op that its worst tensor points to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate, Result
from oracle.case import Case
from oracle.layouts import arrange
from reference.architecture import Architecture, Leaf
from reference.backprop import backward_pass, forward_pass, gradients
from reference.graph import Node
from reference.op import Op

Array = NDArray[Any]


def node_cases(case: Case, inner: str = "") -> Iterator[tuple[str, Case]]:
    """Every node as a case of its own, in the order of the network.

    Parameters
    ----------
    case : Case
        The whole network.
    inner : str
        Layout of what is computed in between; by default about that which the reference gives it.  A
        candidate may have another one there, and be wrong only then.

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
        yield name, _alone(case, name, forward.values, v_bar, inner)


def _alone(
    case: Case, name: str, values: Mapping[str, Array], v_bar: Mapping[str, Array], inner: str
) -> Case:
    network = case.architecture
    node = network.nodes[name]
    names = {wire: leaf_name(wire) for wire in node.inputs if wire is not None}
    leaves = {
        alone: network.leaves.get(wire, Leaf("input", network.shapes[wire])) for wire, alone in names.items()
    }
    inputs = tuple(None if wire is None else names[wire] for wire in node.inputs)
    wires = network.wires[name]
    small = Architecture(leaves, {name: Node(node.op, inputs)}, wires)
    layouts = {  # an output's is that of its cotangent
        alone: case.layouts[wire] if wire in network.leaves else inner or _layout(values[wire])
        for wire, alone in names.items()
    }
    layouts |= {
        wire: _repeated(case.layouts[wire]) if wire in case.cotangents else inner or _layout(v_bar.get(wire))
        for wire in wires
    }
    arrays = {alone: arrange(np.asarray(values[wire]), layouts[alone]) for wire, alone in names.items()}
    cotangents = {
        wire: arrange(
            np.asarray(v_bar[wire] if wire in v_bar else np.zeros_like(values[wire])), layouts[wire]
        )
        for wire in wires
    }
    return Case(small, case.dtype, arrays, cotangents, layouts, case.origin)


def _layout(array: Array | None) -> str:
    """About how an inner wire lies in memory: a fault may show there alone."""
    if array is None or array.flags.c_contiguous:
        return "contiguous"
    return "transposed" if array.flags.f_contiguous else "strided"


def _repeated(layout: str) -> str:
    """The layout, unless it needs equal slices: further paths may have added to the cotangent."""
    return "contiguous" if layout == "expanded" else layout


@dataclass(frozen=True)
class Lent:
    """A candidate: the reference, but for the derivative of one node.

    Parameters
    ----------
    candidate : Candidate
        Whose derivative it is.
    node : str
        The node's name.
    alone : Case
        That node as a case of its own; see `node_cases`.
    """

    candidate: Candidate
    node: str
    alone: Case

    @property
    def name(self) -> str:
        """What it is called."""
        return f"the reference with {self.node} by {self.candidate.name}"

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Run the network; see `Candidate`."""
        alone = self.alone
        given = self.candidate(alone.architecture, dict(alone.leaves), dict(alone.cotangents)).gradients
        node = architecture.nodes[self.node]
        left = dict(given)  # a wire that enters twice has one gradient
        shares = tuple(None if wire is None else left.pop(leaf_name(wire), None) for wire in node.inputs)
        nodes = dict(architecture.nodes) | {self.node: Node(_saying(node.op, shares), node.inputs)}
        return Result(*gradients(replace(architecture, nodes=nodes), leaves, cotangents))


def _saying(op: Op, shares: tuple[Array | None, ...]) -> Op:
    """The op, with these cotangents of its inputs whatever it is given."""
    lent: Any = type("Saying", (type(op),), {"vjp": lambda *_: shares})
    lent.name = op.name
    saying: Op = lent(**{field.name: getattr(op, field.name) for field in fields(op)})
    return saying


def leaf_name(wire: str) -> str:
    """A wire's name as the name of a leaf, which has no colon."""
    return wire.replace(":", "_")
