"""The larger of two, y = max(a, b), elementwise and with broadcasting.

Derivation.  y moves with the larger one and not with the smaller one:

    ā = ȳ where a > b,  ȳ/2 where a = b,  else 0

and b̄ alike (each summed over the axes along which it was broadcast).

Not differentiable at a = b.  There max is convex, its subgradients are (s, 1 − s) for s in [0, 1], and the
one of least norm is (½, ½): a tie is split, as torch's rule for convex functions says.

Where either is NaN so is y, and the slopes are arbitrary: both take ȳ, since neither is smaller.

Source: torch.maximum; torch's notes on autograd, "Gradients for non-differentiable functions", rule 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.arithmetic._binary import Binary
from reference.shapes import unbroadcast


@dataclass(frozen=True)
class Maximum(Binary):
    """y = max(a, b), shapes broadcast together."""

    def forward(self, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.maximum(a, b),), (a < b, a > b, a == b, a.shape, b.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        less, greater, tie, a_shape, b_shape = residuals
        share = np.where(tie, y_bar / 2, y_bar)
        return unbroadcast(np.where(less, 0, share), a_shape), unbroadcast(
            np.where(greater, 0, share), b_shape
        )
