"""Absolute error l = |x − t|, reduced over all entries.

Derivation.  The slope of |d| is the sign of d = x − t, and ∂d/∂t = −1; the target is differentiable like the
input.

    x̄ = l̄ where x > t,  −l̄ where x < t        t̄ = −x̄

with l̄ spread from the reduced loss (`_reduction.py`).

Not differentiable at x = t, where the slope is 0, as that of `abs`.

Source: torch.nn.functional.l1_loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.arithmetic.abs import signed
from reference.ops.loss._pairwise import PairwiseLoss
from reference.ops.loss._reduction import reduce, spread


@dataclass(frozen=True)
class L1(PairwiseLoss):
    """Absolute error of x against a target of the same shape."""

    def forward(self, x: Array, target: Array) -> tuple[tuple[Array, ...], Any]:
        difference = x - target
        return (reduce(self.reduction, np.abs(difference)),), difference

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        difference = residuals
        x_bar = signed(difference, spread(self.reduction, loss_bar, difference.shape))
        return x_bar, -x_bar
