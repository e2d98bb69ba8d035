"""Negative log-likelihood: what log-probabilities say of the class that was right.

Forward, for one sample with log-probabilities x_1 … x_C, class t and weights w of the classes:

    l = −w_t x_t      and 0 where t is `ignore_index`.

Derivation.  l is linear in x and depends on the entry of the class alone:

    x̄_j = −w_t δ_jt l̄      and 0 for a sample that is ignored

with l̄ spread from the reduced loss (`_reduction.py`); the mean divides by the weights of the samples
(`_classes.py`).  Neither the class index nor the weights have a gradient.

Differentiable everywhere in x.

Source: torch.nn.functional.nll_loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.loss._classes import ClassIndexLoss, class_axis
from reference.ops.loss._reduction import reduce, spread


@dataclass(frozen=True)
class Nll(ClassIndexLoss):
    """Negative log-likelihood of classes under the log-probabilities x."""

    def forward(self, x: Array, target: Array, weight: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        labels = self.labels(x, target, weight)
        chosen = np.take_along_axis(x, labels.column, axis=class_axis(x.shape))
        losses = np.reshape(np.where(labels.kept, -labels.weight * chosen, 0), target.shape)
        return (reduce(self.reduction, losses, labels.divisor),), labels

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        labels = residuals
        loss_bar = spread(self.reduction, loss_bar, labels.column.shape, labels.divisor)
        return np.where(labels.hot, -labels.weight * loss_bar, 0), None, None
