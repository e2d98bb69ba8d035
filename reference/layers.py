"""A chain of dense layers, as the chapter draws it:  z = W a + b,  a = σ(z),  layer after layer.

Of the two factors of the chapter's formula (figures 5 and 16)

    ∂l/∂w = ∂z/∂w · ∂l/∂z

the first stands here.  z = Σ wᵢ aᵢ + b, so ∂z/∂wᵢ = aᵢ: the value that the weight's input carries, known
as soon as the forward pass has been there (figure 6).  The second is the backward pass
(`reversed_network.py`).

Source: the chapter, figures 4 to 7 and 16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reference.architecture import Architecture
from reference.backprop import ForwardPass
from reference.graph import ArchitectureError, Leaf, Node
from reference.op import Array, Op, Shape, family
from reference.ops.linear.linear import Linear
from reference.shapes import size

ACTIVATIONS = ("relu", "sigmoid", "softplus", "tanh")  # aⱼ depends on zⱼ alone, which softmax's does not


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, by names of wires.

    Parameters
    ----------
    source : str
        What its weights' inputs carry: the values of the layer before, or the network's input.
    weight : str
        W; row j holds the weights into neuron j.
    bias : str or None
        b.
    z, a : str
        Before and after the activation; the same wire where there is none.
    """

    source: str
    weight: str
    bias: str | None
    z: str
    a: str


def dense_network(
    shape: Shape, widths: Sequence[int], activation: Op, loss: Op, logits: bool = False
) -> Architecture:
    """A chain of dense layers with a loss at its end.

    Parameters
    ----------
    shape : tuple of int
        Of the input: (features,), or (samples, features).
    widths : sequence of int
        Neurons of each layer.
    activation, loss : Op
        σ, one of `ACTIVATIONS`; and l of the last layer's output and a target.
    logits : bool
        Whether the loss takes the last layer's z, without σ, as cross-entropy does.

    Returns
    -------
    Architecture
        Leaves x, t, w1, b1, …; layer k computes z{k}, and a{k} from it; the one output is l.
    """
    leaves = {"x": Leaf("input", shape)}
    nodes: dict[str, Node] = {}
    source, fan_in = "x", shape[-1]
    for k, width in enumerate(widths, start=1):
        leaves[f"w{k}"], leaves[f"b{k}"] = Leaf("parameter", (width, fan_in)), Leaf("parameter", (width,))
        nodes[f"z{k}"] = Node(Linear(), (source, f"w{k}", f"b{k}"))
        nodes[f"a{k}"] = Node(activation, (f"z{k}",))
        source, fan_in = f"a{k}", width
    if logits:
        del nodes[source]
        source = f"z{len(widths)}"
    classes = loss.kinds.get("target") == "index"
    leaves["t"] = Leaf("index", shape[:-1], fan_in) if classes else Leaf("input", (*shape[:-1], fan_in))
    nodes["l"] = Node(loss, (source, "t"))
    return Architecture(leaves, nodes, ("l",))


def layers(architecture: Architecture) -> tuple[Layer, ...]:
    """The layers of a network that is a chain of them, with or without a loss at its end.

    Raises
    ------
    ArchitectureError
        If it is no such chain; the message names the first node, from the end, that does not fit.
    """
    nodes, wire = architecture.nodes, architecture.outputs[0]
    chain = set()
    if family(nodes[wire].op.name) == "loss":
        chain.add(wire)
        wire = _source(architecture, wire)
    found: list[Layer] = []
    while wire in nodes:
        a = wire
        if nodes[a].op.name in ACTIVATIONS:
            wire = _source(architecture, a)
        if wire not in nodes or nodes[wire].op.name != "linear":
            raise ArchitectureError(f"{wire}: a chain of dense layers has a linear node here")
        weight, bias = (*nodes[wire].inputs[1:], None)[:2]
        found.append(Layer(_source(architecture, wire), str(weight), bias, wire, a))
        chain |= {wire, a}
        wire = found[-1].source
    strangers = sorted(nodes.keys() - chain)
    if strangers or not found:
        raise ArchitectureError(f"{(*strangers, wire)[0]}: not part of a chain of dense layers")
    return tuple(reversed(found))


def dz_dw(architecture: Architecture, forward: ForwardPass) -> dict[str, Array]:
    """∂z/∂w of every layer, by its z, read off the forward pass.

    Parameters
    ----------
    architecture : Architecture
        A chain of layers.
    forward : ForwardPass
        What `forward_pass` returned.

    Returns
    -------
    dict of str to array
        Entry i is ∂zⱼ/∂Wⱼᵢ, the same for every neuron j of the layer.
    """
    return {layer.z: forward.values[layer.source] for layer in layers(architecture)}


def dl_dw(architecture: Architecture, forward: ForwardPass, dl_dz: Mapping[str, Array]) -> dict[str, Array]:
    """Gradients of all parameters, ∂l/∂w = ∂z/∂w · ∂l/∂z (and ∂z/∂b = 1), summed over the samples of a batch.

    Parameters
    ----------
    architecture : Architecture
        A chain of layers.
    forward : ForwardPass
        What `forward_pass` returned.
    dl_dz : mapping of str to array
        The backward pass: ∂l/∂z by z.

    Returns
    -------
    dict of str to array
        By name of parameter; a weight that several layers share has the sum.
    """
    found: dict[str, Array] = {}

    def add(name: str, share: Array) -> None:
        found[name] = found[name] + share if name in found else share

    factors = dz_dw(architecture, forward)
    for layer in layers(architecture):
        z_bar, a = _rows(dl_dz[layer.z]), _rows(factors[layer.z])
        add(layer.weight, z_bar.T @ a)
        if layer.bias is not None:
            add(layer.bias, np.sum(z_bar, axis=0))
    return found


def _rows(x: Array) -> Array:
    """One row a sample."""
    return np.reshape(x, (size(x.shape[:-1]), x.shape[-1]))


def _source(architecture: Architecture, name: str) -> str:
    """The wire that feeds a node of the chain; everything else that it takes must be a leaf."""
    node: Node = architecture.nodes[name]
    for wire in node.inputs[1:]:
        if wire is not None and wire not in architecture.leaves:
            raise ArchitectureError(f"{name}: {wire} is computed; in a chain of dense layers it is a leaf")
    return str(node.inputs[0])
