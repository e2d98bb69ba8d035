"""Cross-entropy of logits against class indices.

Forward, for one sample with logits x_1 … x_C and class t:

    l = −log softmax(x)_t = log Σ_k e^(x_k) − x_t.

Derivation.  The derivative of the first term is e^(x_j) / Σ_k e^(x_k) = p_j, the softmax, and that of
the second is δ_jt:

    ∂l/∂x_j = p_j − δ_jt      so      x̄_j = (p_j − δ_jt) l̄

with l̄ spread from the reduced loss (`_reduction.py`).  The class index has no gradient.

Stability.  The logits are shifted by their maximum, as in softmax; the shift cancels.

Differentiable everywhere in x.

Source: torch.nn.functional.cross_entropy (class axis 1, or 0 for a single sample); C. Bishop,
"Pattern Recognition and Machine Learning" (2006), equations 4.108 and 4.109.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.loss._reduction import Reduction, reduce, reduced_shape, spread


@dataclass(frozen=True)
class CrossEntropy(Op):
    """Cross-entropy of x, (C,) or (N, C, …), against class indices, () or (N, …)."""

    kinds: ClassVar[dict[str, str]] = {"target": "index"}

    reduction: Reduction = "mean"

    def infer(self, x: Shape, target: Shape) -> tuple[Shape, ...]:
        if len(x) < 1:
            raise self.refuse("x", x, "needs a class axis")
        axis = min(1, len(x) - 1)
        if x[axis] < 1:
            raise self.refuse("x", x, "has no classes")
        samples = x[:axis] + x[axis + 1 :]
        if target != samples:
            raise self.refuse("target", target, f"does not fit x of shape {x}: needs {samples}")
        return (reduced_shape(self.reduction, samples),)

    def forward(self, x: Array, target: Array) -> tuple[tuple[Array, ...], Any]:
        axis = min(1, x.ndim - 1)
        shifted = x - np.max(x, axis=axis, keepdims=True)
        e = np.exp(shifted)
        total = np.sum(e, axis=axis, keepdims=True)
        classes = np.reshape(np.arange(x.shape[axis]), (-1,) + (1,) * (x.ndim - axis - 1))
        column = np.reshape(target, total.shape)
        delta = classes == column
        if np.count_nonzero(delta) < target.size:
            raise IndexError(f"{self.name}: target holds a class outside 0 … {classes.size - 1}")
        # Gathered, which is exact: a sum weighted by delta would count as a rounding per class.
        losses = np.log(total) - np.take_along_axis(shifted, column, axis=axis)
        loss = reduce(self.reduction, np.reshape(losses, target.shape))
        return (loss,), (e / total, delta, total.shape)

    def vjp(self, residuals: Any, loss_bar: Array) -> tuple[Array | None, ...]:
        p, delta, losses_shape = residuals
        x_bar = np.where(delta, p - 1, p) * spread(self.reduction, loss_bar, losses_shape)
        return x_bar, None
