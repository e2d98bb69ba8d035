"""How a loss per sample becomes a cost: `none`, `sum` (the chapter's total loss) or `mean`.

Derivation.  L = Σ lₙ has ∂L/∂lₙ = 1; the mean divides that by the number of terms, or by whatever else a
loss takes its mean over (the weights of its samples).  So the cotangent of the reduced loss is copied to
every sample, divided by their number for the mean.  The mean over no samples is 0/0 = NaN, as in torch.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from reference.op import Array, Shape
from reference.shapes import size

Reduction = Literal["none", "mean", "sum"]


def reduced_shape(reduction: Reduction, shape: Shape) -> Shape:
    """Shape of the loss once reduced."""
    return shape if reduction == "none" else ()


def reduce(reduction: Reduction, losses: Array, divisor: Array | None = None) -> Array:
    """Reduce the losses of all samples; the mean divides by `divisor`, or by their number."""
    if reduction == "none":
        return losses
    total = np.sum(losses)
    return total / _divisor(divisor, losses.shape) if reduction == "mean" else total


def spread(reduction: Reduction, cost_bar: Array, shape: Shape, divisor: Array | None = None) -> Array:
    """Cotangent of the losses of all samples, given that of the reduced loss.

    The losses have `shape`, and so has the answer for `none`; otherwise all losses have the same
    cotangent, and the answer is that one number, left to broadcasting.
    """
    if reduction == "none":
        return np.reshape(cost_bar, shape)
    return cost_bar / _divisor(divisor, shape) if reduction == "mean" else cost_bar


def _divisor(divisor: Array | None, shape: Shape) -> Array:
    return size(shape) if divisor is None else divisor
