"""Binary cross-entropy of probabilities x against targets t, both in [0, 1].

Forward, with a constant weight w that broadcasts to x, and logarithms that are clamped:

    log⁺ x = max(log x, −100)      l = −w [ t log⁺ x + (1 − t) log⁺ (1 − x) ]

so that x = 0 and x = 1 cost something finite.

Derivation.  The logarithms have the slopes 1/x and −1/(1 − x), and where one is clamped it is constant:

    ∂l/∂x = w [ (1 − t) / (1 − x) − t / x ],      without the term whose logarithm is clamped.

l is linear in t:

    ∂l/∂t = w [ log⁺ (1 − x) − log⁺ x ].

x̄ and t̄ are these times l̄, spread from the reduced loss (`_reduction.py`).  The weight has no gradient.

Stability.  Where x is 0 or 1 no logarithm is taken, not even one to be clamped: log 0 is no certified number.
And x is held in [0, 1], which an x that is perturbed next to 1 would leave.

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
        log_x = np.maximum(np.where(x > 0, np.log(np.maximum(x, 0)), FLOOR), FLOOR)
        log_rest = np.maximum(np.where(x < 1, np.log1p(np.maximum(-x, -1)), FLOOR), FLOOR)
        slope = log_rest - log_x  # in t
        losses = target * slope - log_rest
        if weight is not None:
            losses = losses * weight
        clamped = log_x <= FLOOR, log_rest <= FLOOR
        return (reduce(self.reduction, losses),), (x, target, weight, slope, clamped)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        x, target, weight, slope, (x_clamped, rest_clamped) = residuals
        loss_bar = spread(self.reduction, loss_bar, x.shape)
        if weight is not None:
            loss_bar = loss_bar * weight
        falls = np.where(x_clamped, 0, target / x)
        rises = np.where(rest_clamped, 0, (1 - target) / (1 - x))
        return (rises - falls) * loss_bar, slope * loss_bar, None
