"""What losses against class indices share: the class axis, ignored samples, and weights of classes.

Sample n of class tₙ counts with the weight w[tₙ] (1 without weights), and not at all where tₙ is
`ignore_index`, which may but need not be one of the classes.  The mean divides by the total weight of what
counts, Σ w[tₙ], rather than by the number of samples; if nothing counts it is 0/0 = NaN, as in torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.loss._reduction import Reduction, reduced_shape


def class_axis(x: Shape) -> int:
    """Axis of the classes: the second, or the only one for a single sample."""
    return min(1, len(x) - 1)


def samples(op: Op, x: Shape, weight: Shape | None) -> Shape:
    """Shape of the samples, which is that of x without its class axis; refuses what has no classes."""
    if len(x) < 1:
        raise op.refuse("x", x, "needs a class axis")
    axis = class_axis(x)
    if x[axis] < 1:
        raise op.refuse("x", x, "has no classes")
    if weight is not None and weight != x[axis : axis + 1]:
        raise op.refuse("weight", weight, f"does not fit x of shape {x}: needs {x[axis : axis + 1]}")
    return x[:axis] + x[axis + 1 :]


def per_class(weight: Array | None, x: Array) -> Array:
    """Weights of the classes, so that they broadcast with x; 1 without weights."""
    return 1 if weight is None else np.reshape(weight, (-1,) + (1,) * (x.ndim - class_axis(x.shape) - 1))


@dataclass(frozen=True)
class Labels:
    """What the target says of x.

    Attributes
    ----------
    column : numpy.ndarray of int
        Class of each sample (any where it is ignored), with a class axis of size 1.
    kept : numpy.ndarray of bool
        Which samples count, like `column`.
    hot : numpy.ndarray of bool
        Which entries of x are those of the class of a sample that counts.
    weight : array
        Weight of each sample, like `column`; 1 without weights.
    divisor : array
        Total weight of the samples that count.
    """

    column: Any
    kept: Any
    hot: Any
    weight: Array
    divisor: Array


@dataclass(frozen=True)
class ClassIndexLoss(Op):
    """Loss of x, (C,) or (N, C, …), against class indices, () or (N, …)."""

    kinds: ClassVar[dict[str, str]] = {"target": "index", "weight": "state"}

    reduction: Reduction = "mean"
    ignore_index: int = -100

    def infer(self, x: Shape, target: Shape, weight: Shape | None = None) -> tuple[Shape, ...]:
        wanted = samples(self, x, weight)
        if target != wanted:
            raise self.refuse("target", target, f"does not fit x of shape {x}: needs {wanted}")
        return (reduced_shape(self.reduction, wanted),)

    def labels(self, x: Array, target: Any, weight: Array | None) -> Labels:
        """Read the target, which must hold classes of x or `ignore_index` only."""
        axis = class_axis(x.shape)
        column = np.reshape(target, (*x.shape[:axis], 1, *x.shape[axis + 1 :]))
        kept = column != self.ignore_index
        column = np.where(kept, column, 0)
        classes = np.reshape(np.arange(x.shape[axis]), (-1,) + (1,) * (x.ndim - axis - 1))
        hot = classes == column
        if np.count_nonzero(hot) < column.size:
            raise IndexError(f"{self.name}: target holds a class outside 0 … {classes.size - 1}")
        if weight is None:
            return Labels(column, kept, hot & kept, 1, int(np.count_nonzero(kept)))
        chosen = np.take(weight, column, axis=0)
        return Labels(column, kept, hot & kept, chosen, np.sum(np.where(kept, chosen, 0)))
