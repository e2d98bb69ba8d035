"""The chain rule once more: what the shares of the rules add up to.

Jets say nothing at a kink, and nothing of an op whose documented gradient is no derivative.  There a fault
in the *sum* over paths would go unseen: two sides that agree on every node by itself, and not on the
network.  So the cotangents are gathered again, wire by wire from all its users, where the backward pass
hands them out node by node:

    v̄ = ȳ_v + Σ over the inputs x_i of nodes that v feeds of  ((∂f/∂x_i)ᵀ f̄)

On balls, in the same order, so that decisions fall the same way.  Where an enclosure is disjoint from the
reference's own, the reference does not add up what its rules give.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oracle.case import Case
from oracle.numbers.balls import BallArray, balls
from oracle.numbers.balls_run import Balls
from oracle.numbers.balls_truth import FIRST, Enclosure
from reference.architecture import Architecture
from reference.backprop import ForwardPass, forward_pass


def not_summed(case: Case, gradients: Mapping[str, Enclosure]) -> dict[str, str]:
    """Leaves whose gradient is certainly not the sum of the shares, and why.

    Parameters
    ----------
    case : Case
        The case.
    gradients : mapping of str to Enclosure
        The reference's gradients on balls, by leaf.
    """
    run = Balls(max((FIRST, *(each.precision for each in gradients.values()))), case.dtype)
    leaves = {name: balls(x, run) if x.dtype.kind == "f" else x for name, x in case.leaves.items()}
    y_bar = {wire: balls(bar, run) for wire, bar in case.cotangents.items()}
    summed = gathered(case.architecture, forward_pass(case.architecture, leaves), y_bar)
    return {
        leaf: f"the gradient of {leaf} is not the sum of the shares that the rules give"
        for leaf, gradient in gradients.items()
        if isinstance(summed[leaf], BallArray)
        and not np.all(gradient.overlaps(Enclosure(summed[leaf].data, run.precision)))
    }


def gathered(network: Architecture, forward: ForwardPass, cotangents: Mapping[str, Any]) -> dict[str, Any]:
    """Gradients of all differentiable leaves, each the sum over its users."""
    shares: dict[tuple[str, int], Any] = {}  # by node and place

    def total(wire: str) -> Any:
        parts = [cotangents[wire]] if wire in cotangents and wire in network.differentiable else []
        for name, node in network.nodes.items():
            parts += [
                shares[name, place]
                for place, used in enumerate(node.inputs)
                if used == wire and shares.get((name, place)) is not None
            ]
        return sum(parts[1:], parts[0]) if parts else None

    with np.errstate(all="ignore"):
        for name in reversed(network.order):
            sums = {wire: total(wire) for wire in network.wires[name]}
            if all(bar is None for bar in sums.values()):
                continue
            y_bar = [np.zeros_like(forward.values[w]) if bar is None else bar for w, bar in sums.items()]
            x_bar = network.nodes[name].op.vjp(forward.residuals[name], *y_bar)
            used = network.nodes[name].inputs
            shares |= {
                (name, place): share
                for place, share in enumerate(x_bar)
                if place < len(used) and used[place] in network.differentiable and share is not None
            }
    found = {leaf: total(leaf) for leaf in network.differentiable_leaves}
    return {leaf: np.zeros_like(forward.values[leaf]) if bar is None else bar for leaf, bar in found.items()}
