"""Cross-entropy of logits against a probability per class.

Forward, for one sample with logits x_1 … x_C, target probabilities t_1 … t_C and weights w of the classes
(1 without):

    log p_c = log softmax(x)_c
    l = −Σ_c v_c log p_c,      v_c = w_c [ (1 − ε) t_c + ε / C ]

where ε is `label_smoothing`.  Nothing asks that the t_c add up to 1.

Derivation.  As in `cross_entropy`, of which this is the general case, and l is linear in t:

    x̄_j = (p_j V − v_j) l̄,      V = Σ_c v_c
    t̄_c = −(1 − ε) w_c log p_c l̄

with l̄ spread from the reduced loss (`_reduction.py`); unlike there, the mean divides by the number of
samples, whatever their weights.  The weights have no gradient.

Differentiable everywhere.

Source: torch.nn.functional.cross_entropy, its form for class probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.constants import number
from reference.op import Array, Op, Shape
from reference.ops.activation._softmax import log_softmax
from reference.ops.loss._classes import class_axis, per_class, samples
from reference.ops.loss._reduction import Reduction, reduce, reduced_shape, spread


@dataclass(frozen=True)
class CrossEntropySoft(Op):
    """Cross-entropy of the logits x, (C,) or (N, C, …), against a target of the same shape."""

    kinds: ClassVar[dict[str, str]] = {"weight": "state"}

    reduction: Reduction = "mean"
    label_smoothing: float = 0.0

    def infer(self, x: Shape, target: Shape, weight: Shape | None = None) -> tuple[Shape, ...]:
        counted = samples(self, x, weight)
        if target != x:
            raise self.refuse("target", target, f"is not the shape of x, {x}")
        return (reduced_shape(self.reduction, counted),)

    def forward(self, x: Array, target: Array, weight: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        axis = class_axis(x.shape)
        log_p, p = log_softmax(x, axis)
        smoothing, weights = number(self.label_smoothing, like=x), per_class(weight, x)
        share = (1 - smoothing) * weights
        v = share * target + smoothing / x.shape[axis] * weights
        losses = -np.sum(v * log_p, axis=axis)
        return (reduce(self.reduction, losses),), (log_p, p, v, share)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        log_p, p, v, share = residuals
        axis = class_axis(p.shape)
        total = np.sum(v, axis=axis, keepdims=True)
        loss_bar = spread(self.reduction, loss_bar, total.shape)
        return (p * total - v) * loss_bar, -share * log_p * loss_bar, None
