"""Noise between the passes, and between the nodes.

**What the backward pass needs, computed once more.**

The reference keeps what the forward pass computed, so that both passes meet the same rounded numbers.
Where the gradient all but vanishes for every value of those (the scale of something that is normalised
next), their errors cancel.  An implementation that computes them again in the backward pass, or in another
way, has no such luck, and is not wrong: so the residuals of each node are those of another replicate.

**What a node is given, rounded once more.**  An implementation is as good as one can ask for if each of its
kernels gives the exact result for inputs that differ in the last place, entry by entry (backward stability).
Copies of one number, made by a broadcast or a maximum, move as one in every replicate; in an algorithm that
cancels elsewhere than the reference's they do not.  So the nodes of a network can be had `apart`: each
perturbs its own inputs and cotangents.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from oracle.numbers.noisy_array import ARITHMETIC, NoisyArray
from reference.architecture import Architecture
from reference.backprop import ForwardPass
from reference.op import Op


def recomputed(forward: ForwardPass) -> ForwardPass:
    """The forward pass with each node's residuals rounded apart from all values.

    The independent rows change places, another number of places at every node.  Hashed rows stay: equal
    computations round equally in them.

    Parameters
    ----------
    forward : ForwardPass
        Of noisy arrays.

    Returns
    -------
    ForwardPass
        Values are as they were.
    """
    residuals = {name: _shifted(kept, place) for place, (name, kept) in enumerate(forward.residuals.items())}
    return ForwardPass(forward.values, residuals)


def _shifted(kept: Any, places: int) -> Any:
    if isinstance(kept, tuple):
        return tuple(_shifted(part, places) for part in kept)
    if not isinstance(kept, NoisyArray) or len(kept.data) == 1 or kept.exact:
        return kept
    count = kept.noise.independent
    rows = np.arange(len(kept.data))
    rows[1 : 1 + count] = 1 + (rows[:count] + places) % count
    return NoisyArray(kept.data[rows], kept.noise, kept.exact, kept.terms)


def apart(network: Architecture) -> Architecture:
    """The same network for noisy arrays, each node of which perturbs what it is given."""
    nodes = {
        name: SimpleNamespace(op=_Apart(node.op), inputs=node.inputs) for name, node in network.nodes.items()
    }
    # what both passes ask of a network; as an `Architecture` it would be validated once more
    asked = ("order", "wires", "differentiable", "outputs", "differentiable_leaves")
    view = SimpleNamespace(nodes=nodes, **{name: getattr(network, name) for name in asked})
    return cast(Architecture, view)


@dataclass(frozen=True)
class _Apart:
    """An op's rules behind perturbed operands."""

    op: Op

    def forward(self, *inputs: Any) -> Any:
        return self.op.forward(*map(_perturbed, inputs))

    def vjp(self, residuals: Any, *cotangents: Any) -> Any:
        return self.op.vjp(residuals, *map(_perturbed, cotangents))


def _perturbed(x: Any) -> Any:
    if not isinstance(x, NoisyArray):
        return x
    return NoisyArray(x.noise.perturb(np.array(x.data), ARITHMETIC), x.noise, x.exact, x.terms)
