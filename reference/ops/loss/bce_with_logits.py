"""Binary cross-entropy of logits x against targets t, with weights.

Forward.  With p = σ(x), a constant weight w, and a constant weight q of the positive part, which both
broadcast to x,

    l = −w [ q t log p + (1 − t) log (1 − p) ].

Since −log p = s := log(1 + e⁻ˣ) and −log(1 − p) = x + s,

    l = w [ (1 − t) x + k s ],      k = 1 + (q − 1) t.

Derivation.  ds/dx = −e⁻ˣ / (1 + e⁻ˣ) = −σ(−x), and k is linear in t:

    x̄ = w [ (1 − t) − k σ(−x) ] l̄        t̄ = w [ (q − 1) s − x ] l̄

with l̄ spread from the reduced loss (`_reduction.py`).  The weights have no gradient.

Stability.  s = log(1 + e^(−|x|)) + max(−x, 0): the power cannot overflow.

Differentiable everywhere.

Source: torch.nn.functional.binary_cross_entropy_with_logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Shape
from reference.ops.activation.sigmoid import sigmoid
from reference.ops.loss._pairwise import PairwiseLoss
from reference.ops.loss._reduction import reduce, spread


@dataclass(frozen=True)
class BceWithLogits(PairwiseLoss):
    """Binary cross-entropy of the logits x against a target of the same shape."""

    kinds: ClassVar[dict[str, str]] = {"weight": "state", "pos_weight": "state"}

    def infer(
        self, x: Shape, target: Shape, weight: Shape | None = None, pos_weight: Shape | None = None
    ) -> tuple[Shape, ...]:
        return self.shaped(x, target, ("weight", weight), ("pos_weight", pos_weight))

    def forward(
        self, x: Array, target: Array, weight: Array | None = None, pos_weight: Array | None = None
    ) -> tuple[tuple[Array, ...], Any]:
        s = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
        k, slope = 1, -x  # in t
        if pos_weight is not None:
            k, slope = 1 + (pos_weight - 1) * target, (pos_weight - 1) * s - x
        losses = (1 - target) * x + k * s
        if weight is not None:
            losses = losses * weight
        return (reduce(self.reduction, losses),), (x, target, weight, k, slope)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        x, target, weight, k, slope = residuals
        loss_bar = spread(self.reduction, loss_bar, x.shape)
        if weight is not None:
            loss_bar = loss_bar * weight
        x_bar = ((1 - target) - k * sigmoid(-x)) * loss_bar
        return x_bar, slope * loss_bar, None, None
