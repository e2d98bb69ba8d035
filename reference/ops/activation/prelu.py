"""Parametric rectified linear unit: a = z for z > 0 and a = w z for z ≤ 0, with learned slopes w.

There is one slope for all channels, or one for each channel, axis 1 of z; a z of fewer than two axes has
a single channel.

Derivation.  Each half is linear in z, and the lower one in w:

    z̄ = ā where z > 0, else w ā,      w̄ = Σ ā z over all entries with z ≤ 0 that share w.

Not differentiable at z = 0 unless w = 1.  As a function of z and w together it is neither convex nor
concave there, so the derivative is continued from one side, as torch documents, and the formula above says
from which: w, the slope of the branch that z = 0 belongs to.

A NaN is passed on, with the slope w: it is not above 0.

Source: K. He et al., "Delving deep into rectifiers", arXiv:1502.01852, equations 1 and 9;
torch.nn.functional.prelu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import unbroadcast


@dataclass(frozen=True)
class Prelu(Op):
    """a = max(z, 0) + weight · min(z, 0), with one weight or one a channel."""

    def infer(self, z: Shape, weight: Shape) -> tuple[Shape, ...]:
        channels = z[1] if len(z) > 1 else 1
        if weight not in ((), (1,), (channels,)):
            raise self.refuse("weight", weight, f"does not fit z of shape {z}: needs (1,) or ({channels},)")
        return (z,)

    def forward(self, z: Array, weight: Array) -> tuple[tuple[Array, ...], Any]:
        positive = z > 0
        w = np.reshape(weight, (-1,) + (1,) * (z.ndim - 2)) if z.ndim > 1 else np.reshape(weight, ())
        return (np.where(positive, z, w * z),), (positive, z, w, weight.shape)

    def vjp(self, residuals: Any, a_bar: Array) -> tuple[Array | None, ...]:
        positive, z, w, weight_shape = residuals
        w_bar = unbroadcast(np.where(positive, 0, a_bar * z), w.shape)
        return np.where(positive, a_bar, w * a_bar), np.reshape(w_bar, weight_shape)
