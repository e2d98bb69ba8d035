"""Smooth L1 loss: the absolute error, with its kink at 0 rounded off by a parabola.

Forward, with d = x − t and β the attribute `beta`:

    l = d² / 2β where |d| < β,  |d| − β/2 elsewhere,

which is the Huber loss with δ = β, divided by β, and for β = 0 the absolute error.

Derivation.  The slope is d/β inside and sign(d) outside; the target is differentiable like the input.

    x̄ = d l̄ / β where |d| < β,  ±l̄ elsewhere        t̄ = −x̄

with l̄ spread from the reduced loss (`_reduction.py`).

Differentiable everywhere for β > 0: at |d| = β both pieces have the value β/2 and the slope ±1.  For β = 0
not at d = 0, where the slope is 0, as that of `abs`.

Source: R. Girshick, "Fast R-CNN", arXiv:1504.08083, equation 3; torch.nn.functional.smooth_l1_loss.
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
class SmoothL1(PairwiseLoss):
    """Smooth L1 loss of x against a target of the same shape."""

    beta: float = 1.0

    def forward(self, x: Array, target: Array) -> tuple[tuple[Array, ...], Any]:
        d = x - target
        size = np.abs(d)
        if self.beta == 0:
            losses = size
        else:
            losses = np.where(size >= self.beta, size - self.beta / 2, d * d / (2 * self.beta))
        return (reduce(self.reduction, losses),), d

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        d = residuals
        loss_bar = spread(self.reduction, loss_bar, d.shape)
        x_bar = signed(d, loss_bar)
        if self.beta != 0:
            x_bar = np.where(np.abs(d) >= self.beta, x_bar, d / self.beta * loss_bar)
        return x_bar, -x_bar
