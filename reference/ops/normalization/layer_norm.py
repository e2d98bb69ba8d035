"""Layer normalisation over the trailing axes.

Forward, for one group of n entries (the axes `normalized_shape`), with the **biased** variance:

    μ = Σ x_i / n      v = Σ (x_i − μ)² / n      r = 1 / √(v + ε)
    x̂_i = (x_i − μ) r      y_i = w_i x̂_i + b_i

Derivation.  w and b are shared by all groups, so  w̄ = Σ_groups ȳ x̂  and  b̄ = Σ_groups ȳ.  Let
g = ȳ w be the cotangent of x̂.  Three paths lead from x_j to x̂_i: directly, through μ and through v.

    ∂μ/∂x_j = 1/n
    ∂v/∂x_j = (2/n) Σ_i (x_i − μ)(δ_ij − 1/n) = (2/n)(x_j − μ)       since Σ (x_i − μ) = 0
    ∂r/∂x_j = −½ (v + ε)^(−3/2) ∂v/∂x_j = −r³ (x_j − μ) / n = −r² x̂_j / n

    ∂x̂_i/∂x_j = r (δ_ij − 1/n) + (x_i − μ) ∂r/∂x_j = r (δ_ij − 1/n − x̂_i x̂_j / n)

    x̄_j = Σ_i g_i ∂x̂_i/∂x_j = r ( g_j − mean(g) − x̂_j mean(g x̂) ).

Differentiable everywhere for ε > 0.

Source: J. Ba, J. Kiros, G. Hinton, "Layer normalization", arXiv:1607.06450, equation 4;
torch.nn.functional.layer_norm for ε inside the root and the biased variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import size, unbroadcast


@dataclass(frozen=True)
class LayerNorm(Op):
    """Normalise x over its trailing axes `normalized_shape`, then scale and shift."""

    normalized_shape: tuple[int, ...] = ()
    eps: float = 1e-5

    def infer(self, x: Shape, weight: Shape | None = None, bias: Shape | None = None) -> tuple[Shape, ...]:
        normalized = self.normalized_shape
        if not normalized or x[-len(normalized) :] != normalized:
            raise self.refuse("x", x, f"does not end in normalized_shape={normalized}")
        for argument, shape in (("weight", weight), ("bias", bias)):
            if shape is not None and shape != normalized:
                raise self.refuse(argument, shape, f"is not normalized_shape={normalized}")
        return (x,)

    def forward(
        self, x: Array, weight: Array | None = None, bias: Array | None = None
    ) -> tuple[tuple[Array, ...], Any]:
        centred = x - self._mean(x)
        r = 1 / np.sqrt(self._mean(centred * centred) + self.eps)
        x_hat = centred * r
        y = x_hat if weight is None else x_hat * weight
        return (y if bias is None else y + bias,), (x_hat, r, weight, bias is not None)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x_hat, r, weight, has_bias = residuals
        g = y_bar if weight is None else y_bar * weight
        x_bar = r * (g - self._mean(g) - x_hat * self._mean(g * x_hat))
        weight_bar = None if weight is None else unbroadcast(y_bar * x_hat, self.normalized_shape)
        bias_bar = unbroadcast(y_bar, self.normalized_shape) if has_bias else None
        return x_bar, weight_bar, bias_bar

    def _mean(self, x: Array) -> Array:
        axes = tuple(range(-len(self.normalized_shape), 0))
        return np.sum(x, axis=axes, keepdims=True) / size(self.normalized_shape)
