"""Cross-entropy of logits against class indices.

Forward, for one sample with logits x_1 … x_C, class t and weights w of the classes (1 without):

    log p_c = log softmax(x)_c = x_c − log Σ_k e^(x_k)
    l = −Σ_c v_c log p_c,      v_c = w_c [ (1 − ε) δ_ct + ε / C ]

and 0 where t is `ignore_index`.  ε is `label_smoothing`: the target is mixed with a uniform distribution.
With ε = 0 this is −w_t log p_t.

Derivation.  ∂ log p_c / ∂x_j = δ_cj − e^(x_j) / Σ_k e^(x_k) = δ_cj − p_j, so

    ∂l/∂x_j = −Σ_c v_c (δ_cj − p_j) = p_j V − v_j,      V = Σ_c v_c,

    x̄_j = (p_j V − v_j) l̄      and 0 for a sample that is ignored

with l̄ spread from the reduced loss (`_reduction.py`); the mean divides by the weights of the samples
(`_classes.py`), smoothed or not.  Neither the class index nor the weights have a gradient.

Stability.  The logits are shifted by their maximum, as in softmax; the shift cancels.

Differentiable everywhere in x.

Source: torch.nn.functional.cross_entropy (class axis 1, or 0 for a single sample); C. Bishop,
"Pattern Recognition and Machine Learning" (2006), equations 4.108 and 4.109; C. Szegedy et al., "Rethinking
the Inception architecture for computer vision", arXiv:1512.00567, §7, for the smoothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.constants import number
from reference.op import Array
from reference.ops.activation._softmax import log_softmax
from reference.ops.loss._classes import ClassIndexLoss, class_axis, per_class
from reference.ops.loss._reduction import reduce, spread


@dataclass(frozen=True)
class CrossEntropy(ClassIndexLoss):
    """Cross-entropy of the logits x against class indices."""

    label_smoothing: float = 0.0

    def forward(self, x: Array, target: Array, weight: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        axis = class_axis(x.shape)
        labels = self.labels(x, target, weight)
        log_p, p = log_softmax(x, axis)
        # Gathered, which is exact: a sum weighted by delta would count as a rounding per class.
        losses = -labels.weight * np.take_along_axis(log_p, labels.column, axis=axis)
        v, total = np.where(labels.hot, labels.weight, np.zeros_like(x)), labels.weight
        if self.label_smoothing:
            smoothing = number(self.label_smoothing, like=x)
            rest, each = 1 - smoothing, smoothing / x.shape[axis]
            every = each * per_class(weight, x)
            losses = rest * losses - np.sum(every * log_p, axis=axis, keepdims=True)
            v = rest * v + every
            total = rest * total + each * (x.shape[axis] if weight is None else np.sum(weight))
        losses = np.reshape(np.where(labels.kept, losses, 0), target.shape)
        return (reduce(self.reduction, losses, labels.divisor),), (p, v, total, labels)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        p, v, total, labels = residuals
        loss_bar = spread(self.reduction, loss_bar, labels.column.shape, labels.divisor)
        return np.where(labels.kept, (p * total - v) * loss_bar, 0), None, None
