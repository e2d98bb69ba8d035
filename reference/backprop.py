"""Backpropagation: the forward pass, the backward pass, and nothing else.

Let l be a scalar that depends on the outputs of a network.  Every wire v has the cotangent

    v̄ = ∂l/∂v.

The **forward pass** runs the nodes in order and keeps what their derivatives will need.  The
**backward pass** runs them in reverse.  When it reaches a node y = f(x₁, …, x_k), all paths from y
to l have been walked, so ȳ is complete, and the chain rule gives the node's share in its inputs:

    x̄ᵢ += (∂f/∂xᵢ)ᵀ ȳ                                     (`Op.vjp`)

The += is the chain rule's second case: a wire that feeds several nodes reaches l along several
paths, and the paths add.  Each node is visited once, whatever the number of paths: that is the
whole advantage over expanding the chain rule path by path.  A wire that no differentiable path leads to or
from (a state, new running statistics) has no cotangent, and passes none on.

Source: the chapter; S. Linnainmaa (1970); D. Rumelhart, G. Hinton, R. Williams, "Learning
representations by back-propagating errors", Nature 323 (1986).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.architecture import Architecture
from reference.op import Array


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """What the forward pass leaves behind.

    Attributes
    ----------
    values : dict of str to array
        The value of every wire.
    residuals : dict of str to object
        For every node, what its `vjp` needs.
    """

    values: dict[str, Array]
    residuals: dict[str, Any]


def forward_pass(architecture: Architecture, leaves: Mapping[str, Array]) -> ForwardPass:
    """Run every node in order.

    Parameters
    ----------
    architecture : Architecture
        The network.
    leaves : mapping of str to array
        The value of every leaf.

    Returns
    -------
    ForwardPass
        Values of all wires and residuals of all nodes.
    """
    values: dict[str, Array] = dict(leaves)
    residuals = {}
    with np.errstate(all="ignore"):  # overflow to ∞ and underflow to 0 are values like others
        for name in architecture.order:
            node = architecture.nodes[name]
            inputs = [None if wire is None else values[wire] for wire in node.inputs]  # None: left out
            outputs, residuals[name] = node.op.forward(*inputs)
            values.update(zip(architecture.wires[name], outputs, strict=True))
    return ForwardPass(values, residuals)


def backward_pass(
    architecture: Architecture, forward: ForwardPass, cotangents: Mapping[str, Array]
) -> dict[str, Array]:
    """Run every node in reverse, adding up cotangents.

    Parameters
    ----------
    architecture : Architecture
        The network.
    forward : ForwardPass
        What `forward_pass` returned.
    cotangents : mapping of str to array
        ∂l/∂y for every output y; for a scalar output that is l itself, 1.

    Returns
    -------
    dict of str to array
        ∂l/∂v for every wire v that l depends on: the gradients are those of the leaves.
    """
    differentiable = architecture.differentiable
    v_bar: dict[str, Array] = {wire: bar for wire, bar in cotangents.items() if wire in differentiable}
    with np.errstate(all="ignore"):
        for name in reversed(architecture.order):
            node, wires = architecture.nodes[name], architecture.wires[name]
            if v_bar.keys().isdisjoint(wires):
                continue
            if len(wires) > 1:  # an output that nobody used has the cotangent 0
                for unused in set(wires) - v_bar.keys():
                    v_bar[unused] = np.zeros_like(forward.values[unused])
            y_bar = [v_bar[wire] for wire in wires]
            x_bar = node.op.vjp(forward.residuals[name], *y_bar)
            for wire, share in zip(node.inputs, x_bar, strict=False):
                if wire in differentiable and share is not None:
                    v_bar[wire] = v_bar[wire] + share if wire in v_bar else share
    return v_bar


def gradients(
    architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Outputs of the network, and gradients of all its differentiable leaves.

    Parameters
    ----------
    architecture : Architecture
        The network.
    leaves : mapping of str to array
        The value of every leaf.
    cotangents : mapping of str to array
        ∂l/∂y for every output y.

    Returns
    -------
    outputs, gradients : dict of str to array
        By name of wire.
    """
    forward = forward_pass(architecture, leaves)
    return results(architecture, forward, backward_pass(architecture, forward, cotangents))


def results(
    architecture: Architecture, forward: ForwardPass, v_bar: Mapping[str, Array]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """What both passes leave: outputs of the network, and gradients of its leaves, 0 where none arrived."""
    return (
        {wire: forward.values[wire] for wire in architecture.outputs},
        {
            leaf: v_bar[leaf] if leaf in v_bar else np.zeros_like(forward.values[leaf])
            for leaf in architecture.differentiable_leaves
        },
    )
