"""The reversed network: the backward pass, read as the forward pass of another network.

For a neuron with z and a = σ(z) that feeds z′ and z″ through the weights w₃ and w₄ (figures 8 to 10):

    ∂l/∂z = (∂a/∂z)(∂l/∂a) = σ′(z) [w₃ ∂l/∂z′ + w₄ ∂l/∂z″]

Figure 11 reads this as a neuron: it takes ∂l/∂z′ and ∂l/∂z″ through the *same* weights and, in place of
σ, has an **amplifier** whose gain σ′(z) is a constant, since the forward pass has fixed z.  All of these
neurons together are a network that runs from the output to the input (figures 14 and 15):

              forward                                  reversed
    a = σ(W a₋ + b)   of every layer       ∂l/∂z = σ′(z) ⊙ ∂l/∂a,   ∂l/∂a₋ = Wᵀ ∂l/∂z

Row j of W holds the weights into neuron j, so what leaves a neuron of the layer before is a column of W:
the reversed network carries the weights transposed.  It has no biases and no other nonlinearity: it is
linear in what is fed to it, ∂l/∂y.

Here it is an architecture like any other, and `forward_pass` runs it.  Its wires bear the names of those
whose ∂l/∂· they carry.

Source: the chapter, figures 8 to 15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reference.architecture import Architecture, Leaf, Node
from reference.backprop import ForwardPass, forward_pass
from reference.layers import layers
from reference.op import Array
from reference.ops.arithmetic.multiply import Multiply
from reference.ops.linear.linear import Linear


@dataclass(frozen=True)
class ReversedNetwork:
    """A network of amplifiers and transposed weights.

    Parameters
    ----------
    architecture : Architecture
        `multiply` nodes are amplifiers, `linear` nodes the layers of weights.
    constants : mapping of str to array
        Gains and transposed weights.
    source : str
        The leaf that takes ∂l/∂y.
    """

    architecture: Architecture
    constants: Mapping[str, Array]
    source: str

    def run(self, y_bar: Array) -> dict[str, Array]:
        """Run it forward.

        Parameters
        ----------
        y_bar : array
            ∂l/∂y, y being the output of the last layer.

        Returns
        -------
        dict of str to array
            ∂l/∂z and ∂l/∂a of all layers, by the names of z and a.
        """
        values = forward_pass(self.architecture, {**self.constants, self.source: y_bar}).values
        return {wire: values[wire] for wire in (self.source, *self.architecture.order)}


def reverse(architecture: Architecture, forward: ForwardPass) -> ReversedNetwork:
    """Turn a chain of dense layers round.

    Parameters
    ----------
    architecture : Architecture
        The chain; a loss at its end is left out.
    forward : ForwardPass
        What `forward_pass` returned: it fixes the gains.

    Returns
    -------
    ReversedNetwork
        From ∂l/∂y to every ∂l/∂z.

    Raises
    ------
    ArchitectureError
        If it is no chain, or one linear layer alone: nothing is left of that.
    """
    chain = layers(architecture)
    source = chain[-1].a
    leaves = {source: Leaf("input", architecture.shapes[source])}
    nodes: dict[str, Node] = {}
    constants: dict[str, Array] = {}
    for layer, after in zip(reversed(chain), (None, *reversed(chain)), strict=False):
        if after is not None:
            constants[after.weight] = forward.values[after.weight].T
            leaves[after.weight] = Leaf("parameter", constants[after.weight].shape)
            nodes[layer.a] = Node(Linear(), (after.z, after.weight))
        if layer.a != layer.z:
            gain = f"gain_{layer.a}"
            constants[gain] = _gain(architecture, forward, layer.a)
            leaves[gain] = Leaf("input", constants[gain].shape)
            nodes[layer.z] = Node(Multiply(), (layer.a, gain))
    return ReversedNetwork(Architecture(leaves, nodes, (chain[0].z,)), constants, source)


def _gain(architecture: Architecture, forward: ForwardPass, a: str) -> Array:
    """σ′(z): the vector–Jacobian product of an elementwise function with a cotangent of ones."""
    ones = np.zeros_like(forward.values[a]) + 1
    with np.errstate(all="ignore"):
        (gain,) = architecture.nodes[a].op.vjp(forward.residuals[a], ones)
    return gain
