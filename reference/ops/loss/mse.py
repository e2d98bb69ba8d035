"""Squared error l = (x − t)², reduced over all entries.

Derivation.  ∂l/∂x = 2(x − t) and ∂l/∂t = −2(x − t); the target is differentiable like the input.

    x̄ = 2 (x − t) l̄        t̄ = −x̄

with l̄ spread from the reduced loss (`_reduction.py`).

Differentiable everywhere.

Source: torch.nn.functional.mse_loss; C. Bishop, "Pattern Recognition and Machine Learning" (2006),
§1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.loss._pairwise import PairwiseLoss
from reference.ops.loss._reduction import reduce, spread


@dataclass(frozen=True)
class Mse(PairwiseLoss):
    """Squared error of x against a target of the same shape."""

    def forward(self, x: Array, target: Array) -> tuple[tuple[Array, ...], Any]:
        difference = x - target
        return (reduce(self.reduction, difference * difference),), difference

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        difference = residuals
        x_bar = 2 * difference * spread(self.reduction, loss_bar, difference.shape)
        return x_bar, -x_bar
