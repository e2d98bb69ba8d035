"""What softmax, softmin and log-softmax share: an axis, and powers that cannot overflow.

x is shifted by its maximum along the axis.  That changes nothing, since e^x and Σ e^x are scaled alike, keeps
e^x ≤ 1, and Σ e^x ≥ 1: its logarithm exists, where that of a single power may not, which underflowed to 0.
The shift is a constant, not a function of x, for the derivative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops._axis import axis_of


@dataclass(frozen=True)
class AlongAxis(Op):
    """Of z along the axis `dim`, and of the same shape."""

    dim: int = -1

    def infer(self, z: Shape) -> tuple[Shape, ...]:
        axis_of(self, "z", z)
        return (z,)


def powers(x: Array, axis: int) -> tuple[Array, Array, Array]:
    """The shifted x, e to its power, and the sum of these along the axis, which keeps its place."""
    if 0 in x.shape:  # an empty axis has no maximum to shift by, and nothing to shift
        return x, x, x
    shifted = x - np.max(x, axis=axis, keepdims=True)
    e = np.exp(shifted)
    return shifted, e, np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: Array, axis: int) -> tuple[Array, Array]:
    """The logarithm of p = e^x / Σ e^x along an axis, and p."""
    shifted, e, total = powers(x, axis)
    return shifted - np.log(total), e / total
