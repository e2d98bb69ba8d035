"""Binary cross-entropy of probabilities x against targets t, both in [0, 1].

Forward, with a constant weight w that broadcasts to x, and logarithms that are clamped:

    log⁺ x = max(log x, −100)      l = −w [ t log⁺ x + (1 − t) log⁺ (1 − x) ]

so that x = 0 and x = 1 cost something finite.

Derivation.  Where neither logarithm is clamped,

    ∂l/∂x = −w [ t / x − (1 − t) / (1 − x) ] = w (x − t) / (x (1 − x)).

A clamped logarithm is constant, and its term has no slope: what is left is w (1 − t) / (1 − x) where log x
is clamped, and −w t / x where log (1 − x) is.  l is linear in t:

    ∂l/∂t = −w [ log⁺ x − log⁺ (1 − x) ].

x̄ and t̄ are these times l̄, spread from the reduced loss (`_reduction.py`).  The weight has no gradient.

Not differentiable where a logarithm is exactly −100, which no floating number attains; flat is taken there.

Source: torch.nn.BCELoss, for the clamp of the logarithms at −100; C. Bishop, "Pattern Recognition and
Machine Learning" (2006), equation 4.90.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Shape
from reference.ops.loss._pairwise import PairwiseLoss
from reference.ops.loss._reduction import reduce, spread

FLOOR = -100


@dataclass(frozen=True)
class Bce(PairwiseLoss):
    """Binary cross-entropy of x against a target of the same shape."""

    kinds: ClassVar[dict[str, str]] = {"weight": "state"}

    def infer(self, x: Shape, target: Shape, weight: Shape | None = None) -> tuple[Shape, ...]:
        return self.shaped(x, target, ("weight", weight))

    def forward(self, x: Array, target: Array, weight: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        log_x, log_rest = np.log(x), np.log1p(-x)
        slope = np.maximum(log_rest, FLOOR) - np.maximum(log_x, FLOOR)  # in t
        losses = target * slope - np.maximum(log_rest, FLOOR)
        if weight is not None:
            losses = losses * weight
        flat = log_x <= FLOOR, log_rest <= FLOOR
        return (reduce(self.reduction, losses),), (x, target, weight, slope, flat)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        x, target, weight, slope, (x_flat, rest_flat) = residuals
        loss_bar = spread(self.reduction, loss_bar, x.shape)
        if weight is not None:
            loss_bar = loss_bar * weight
        clamped = np.where(x_flat, (1 - target) / (1 - x), -target / x)
        smooth = (x - target) / (x * (1 - x))
        return np.where(x_flat | rest_flat, clamped, smooth) * loss_bar, slope * loss_bar, None
