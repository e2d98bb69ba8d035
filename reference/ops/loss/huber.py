"""Huber loss: squared for small errors, absolute for large ones.

Forward, with d = x − t and δ the attribute `delta`:

    l = d² / 2 where |d| < δ,  δ (|d| − δ/2) elsewhere.

Derivation.  The slope is d inside and δ sign(d) outside; the target is differentiable like the input.

    x̄ = d l̄ where |d| < δ,  ±δ l̄ elsewhere        t̄ = −x̄

with l̄ spread from the reduced loss (`_reduction.py`).

Differentiable everywhere for δ > 0: at |d| = δ both pieces have the value δ²/2 and the slope ±δ.

Source: P. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964);
torch.nn.functional.huber_loss, which asks for δ > 0.
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
class Huber(PairwiseLoss):
    """Huber loss of x against a target of the same shape."""

    delta: float = 1.0

    def forward(self, x: Array, target: Array) -> tuple[tuple[Array, ...], Any]:
        d = x - target
        size = np.abs(d)
        losses = np.where(size >= self.delta, self.delta * (size - self.delta / 2), d * d / 2)
        return (reduce(self.reduction, losses),), d

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        d = residuals
        loss_bar = spread(self.reduction, loss_bar, d.shape)
        x_bar = np.where(np.abs(d) >= self.delta, signed(d, self.delta * loss_bar), d * loss_bar)
        return x_bar, -x_bar
