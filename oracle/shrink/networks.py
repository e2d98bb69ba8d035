"""Smaller networks: fewer and earlier outputs, nodes cut off above and below, bypassed, inputs left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from oracle.case import Case
from oracle.judge.locate import leaf_name
from oracle.shrink.draft import Draft
from reference.architecture import Leaf, Node
from reference.backprop import backward_pass, forward_pass


def fewer_outputs(case: Case) -> Iterator[Draft]:
    """One output alone, or one output less."""
    outputs, draft = case.architecture.outputs, Draft.of(case)
    if len(outputs) > 1:
        for wire in outputs:
            yield replace(draft, outputs=(wire,))
        for wire in outputs:
            yield replace(draft, outputs=tuple(other for other in outputs if other != wire))


def earlier_outputs(case: Case) -> Iterator[Draft]:
    """An earlier wire of the same node in the place of an output, with its cotangent."""
    network, draft = case.architecture, Draft.of(case)
    for place, output in enumerate(network.outputs):
        wires = network.wires[output.partition(":")[0]]
        for wire in wires[: wires.index(output)]:
            if wire not in network.outputs:
                outputs = (*network.outputs[:place], wire, *network.outputs[place + 1 :])
                values = {**draft.values, wire: draft.values[output]}
                yield replace(draft, outputs=outputs, values=values)


def cut_below(case: Case) -> Iterator[Draft]:
    """A node as the end of the network, with the cotangent that it has there; the first node first."""
    network, draft = case.architecture, Draft.of(case)
    forward = forward_pass(network, case.leaves)
    v_bar = backward_pass(network, forward, case.cotangents)
    for name in network.order:
        wires = tuple(wire for wire in network.wires[name] if wire in v_bar)
        if wires and set(wires) != set(network.outputs):
            values = {wire: v_bar[wire] for wire in wires}
            yield replace(draft, outputs=wires, values={**draft.values, **values})


def cut_above(case: Case) -> Iterator[Draft]:
    """A node's outputs as inputs of the network, with the values that they have; the last node first."""
    network, draft = case.architecture, Draft.of(case)
    forward = forward_pass(network, case.leaves)
    for name in reversed(network.order):
        wires = network.wires[name]
        if not set(wires).isdisjoint(network.outputs):
            continue
        renamed = {wire: leaf_name(wire) for wire in wires}
        kinds = {wire: "input" if wire in network.differentiable else "state" for wire in wires}
        added = {new: Leaf(kinds[wire], network.shapes[wire]) for wire, new in renamed.items()}  # type: ignore[arg-type]
        values = {new: np.asarray(forward.values[wire]) for wire, new in renamed.items()}
        yield replace(
            draft,
            leaves={**draft.leaves, **added},
            nodes=_rewired({n: node for n, node in network.nodes.items() if n != name}, renamed),
            values={**draft.values, **values},
        )


def bypassed(case: Case) -> Iterator[Draft]:
    """A node left out, one of its inputs in the place of its output."""
    network, draft = case.architecture, Draft.of(case)
    for name in network.order:
        for wire in dict.fromkeys(network.nodes[name].inputs):
            if wire is None or network.shapes[wire] != network.shapes[name] or len(network.wires[name]) > 1:
                continue
            if name in network.outputs and (wire in network.leaves or wire in network.outputs):
                continue
            outputs = tuple(wire if output == name else output for output in network.outputs)
            values = {**draft.values, wire: draft.values.get(wire, draft.values.get(name, np.zeros(())))}
            nodes = _rewired({n: node for n, node in network.nodes.items() if n != name}, {name: wire})
            yield replace(draft, nodes=nodes, outputs=outputs, values=values)


def fewer_inputs(case: Case) -> Iterator[Draft]:
    """Optional inputs left out, and one of several inputs of the same kind less."""
    draft = Draft.of(case)
    for name, node in case.architecture.nodes.items():
        signature = node.op.signature()
        for position, wire in enumerate(node.inputs):
            if signature.variadic and len(node.inputs) > 1:
                inputs = node.inputs[:position] + node.inputs[position + 1 :]
            elif wire is not None and position >= signature.required:
                inputs = trimmed((*node.inputs[:position], None, *node.inputs[position + 1 :]))
            else:
                continue
            yield replace(draft, nodes={**draft.nodes, name: Node(node.op, inputs)})


def trimmed(inputs: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Inputs without those at the end that are left out."""
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    return inputs


def _rewired(nodes: dict[str, Node], renamed: dict[str, str]) -> dict[str, Node]:
    return {
        name: Node(node.op, tuple(wire and renamed.get(wire, wire) for wire in node.inputs))
        for name, node in nodes.items()
    }
