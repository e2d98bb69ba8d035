"""Kullback–Leibler divergence of log-probabilities x from targets t.

Forward, the target being a probability, or the logarithm of one if `log_target`:

    l = t (log t − x)      or      l = eᵗ (t − x).

Derivation.

    x̄ = −t l̄        t̄ = (log t + 1 − x) l̄
    x̄ = −eᵗ l̄       t̄ = eᵗ (t + 1 − x) l̄          with `log_target`

with l̄ spread from the reduced loss (`_reduction.py`).  The reduction `batchmean` divides the sum by the
size of the first axis.

Not differentiable at t = 0: there the loss is its limit, where t log t is 0, and the slope in t is −∞.  Not
defined for t < 0.

Source: S. Kullback, R. Leibler, "On information and sufficiency", Ann. Math. Statist. 22 (1951);
torch.nn.KLDivLoss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.loss._reduction import Reduction, reduce, reduced_shape, spread


@dataclass(frozen=True)
class KlDiv(Op):
    """Divergence of the log-probabilities x from a target of the same shape."""

    reduction: Literal["none", "mean", "sum", "batchmean"] = "mean"
    log_target: bool = False

    def infer(self, x: Shape, target: Shape) -> tuple[Shape, ...]:
        if target != x:
            raise self.refuse("target", target, f"is not the shape of x, {x}")
        if self.reduction == "batchmean" and not x:
            raise self.refuse("x", x, "has no first axis to take the mean over")
        return (reduced_shape(self._how(x)[0], x),)

    def forward(self, x: Array, target: Array) -> tuple[tuple[Array, ...], Any]:
        if self.log_target:
            p, log_p = np.exp(target), target
            losses = p * (log_p - x)
        else:
            p, log_p = target, np.log(target)
            losses = np.where(p == 0, 0, p * log_p) - p * x
        reduction, divisor = self._how(x.shape)
        return (reduce(reduction, losses, divisor),), (x, p, log_p)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        x, p, log_p = residuals
        reduction, divisor = self._how(x.shape)
        loss_bar = spread(reduction, loss_bar, x.shape, divisor)
        slope = log_p + 1 - x
        return -p * loss_bar, (p * slope if self.log_target else slope) * loss_bar

    def _how(self, x: Shape) -> tuple[Reduction, int | None]:
        """The reduction, and what the mean divides by if not by the number of entries."""
        return ("mean", x[0]) if self.reduction == "batchmean" else (self.reduction, None)
