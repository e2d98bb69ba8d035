"""Group normalisation: the channels of a sample, axis 1 of x, in `num_groups` groups of neighbours.

Forward, for one group of n entries (its channels at all places), with the **biased** variance:

    μ = Σ x_i / n      v = Σ (x_i − μ)² / n      x̂_i = (x_i − μ) / √(v + ε)      y_i = w_c x̂_i + b_c

with one w and one b for each channel c.

Derivation.  w and b are shared by all samples and places, so  w̄_c = Σ ȳ x̂  and  b̄_c = Σ ȳ  over channel c.
With g = ȳ w, the cotangent of x̂, centring and scaling of `_standardize.py` give

    x̄_j = r ( g_j − mean(g) − x̂_j mean(g x̂) ),      r = 1/√(v + ε), means over the group.

The entries of a group are neighbours in row-major order, so that grouping is a reshape, and its adjoint
is the reshape back.

Differentiable everywhere for ε > 0.

Source: Y. Wu, K. He, "Group normalization", arXiv:1803.08494, equations 1, 2 and 7;
torch.nn.functional.group_norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.normalization._standardize import (
    affine,
    affine_vjp,
    misfit,
    per_channel,
    standardize,
    standardize_vjp,
)
from reference.shapes import size


@dataclass(frozen=True)
class GroupNorm(Op):
    """Normalise x, (N, C, …), over groups of channels, then scale and shift each channel."""

    num_groups: int
    eps: float = 1e-5

    def infer(self, x: Shape, weight: Shape | None = None, bias: Shape | None = None) -> tuple[Shape, ...]:
        if unfit := misfit(x, weight=weight, bias=bias):
            raise self.refuse(*unfit)
        if self.num_groups < 1 or x[1] % self.num_groups:
            raise self.refuse("x", x, f"cannot be divided into num_groups={self.num_groups}")
        return (x,)

    def forward(
        self, x: Array, weight: Array | None = None, bias: Array | None = None
    ) -> tuple[tuple[Array, ...], Any]:
        x_hat, r = standardize(self._grouped(x), (2,), self.eps)
        y = affine(np.reshape(x_hat, x.shape), weight, bias, per_channel(x.shape))
        return (y,), (x_hat, r, weight, bias)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x_hat, r, weight, bias = residuals
        x = y_bar.shape
        g, weight_bar, bias_bar = affine_vjp(np.reshape(x_hat, x), weight, bias, per_channel(x), y_bar)
        x_bar = standardize_vjp(x_hat, r, self._grouped(g), (2,))
        return np.reshape(x_bar, x), weight_bar, bias_bar

    def _grouped(self, x: Array) -> Array:
        return np.reshape(x, (x.shape[0], self.num_groups, size(x.shape[1:]) // self.num_groups))
