"""Gradient descent: θ¹ = θ⁰ − η∇L(θ⁰), θ² = θ¹ − η∇L(θ¹), …

∇L is the direction in which L grows fastest, and to first order L(θ − η∇L) = L(θ) − η‖∇L‖²: for a small
enough η the loss falls, unless the gradient is zero.

Source: the chapter, figure 1; A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations
simultanées" (1847).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from reference.architecture import Architecture, ArchitectureError
from reference.backprop import ForwardPass, backward_pass, forward_pass
from reference.op import Array


@dataclass(frozen=True, slots=True)
class Step:
    """Where the descent stands, before it takes the step.

    Parameters
    ----------
    parameters : dict of str to array
        θ.
    forward : ForwardPass
        The forward pass at θ.
    loss : array
        L(θ).
    gradient : dict of str to array
        ∇L(θ), by name of parameter.
    """

    parameters: dict[str, Array]
    forward: ForwardPass
    loss: Array
    gradient: dict[str, Array]


def gradient_descent(architecture: Architecture, leaves: Mapping[str, Array], rate: float) -> Iterator[Step]:
    """Descend; there is no end, so the caller takes as many steps as it wants.

    Parameters
    ----------
    architecture : Architecture
        A network whose one output is the loss, a scalar.
    leaves : mapping of str to array
        The data, and θ⁰.  They are not written to.
    rate : float
        η, the learning rate.

    Yields
    ------
    Step
        At θ⁰, θ¹, θ², …

    Raises
    ------
    ArchitectureError
        If there is another output, or it is no scalar.
    """
    loss, *others = architecture.outputs
    if others or architecture.shapes[loss] != ():
        raise ArchitectureError(
            f"outputs: gradient descent needs one, a scalar; {loss} is "
            f"of shape {architecture.shapes[loss]}, and {len(others)} others follow"
        )
    theta = {name: leaves[name] for name, leaf in architecture.leaves.items() if leaf.kind == "parameter"}
    while True:
        step = _stand(architecture, {**leaves, **theta}, theta)
        yield step
        theta = {name: theta[name] - rate * step.gradient[name] for name in theta}


def _stand(architecture: Architecture, leaves: Mapping[str, Array], theta: dict[str, Array]) -> Step:
    forward = forward_pass(architecture, leaves)
    (loss,) = architecture.outputs
    v_bar = backward_pass(architecture, forward, {loss: np.zeros_like(forward.values[loss]) + 1})
    return Step(theta, forward, forward.values[loss], {name: v_bar[name] for name in theta})
