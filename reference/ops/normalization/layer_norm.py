"""Layer normalisation over the trailing axes.

Forward, for one group of n entries (the axes `normalized_shape`), with the **biased** variance:

    μ = Σ x_i / n      v = Σ (x_i − μ)² / n      r = 1 / √(v + ε)
    x̂_i = (x_i − μ) r      y_i = w_i x̂_i + b_i

Derivation.  w and b are shared by all groups, so  w̄ = Σ_groups ȳ x̂  and  b̄ = Σ_groups ȳ.  With g = ȳ w, the
cotangent of x̂, three paths lead from x_j to x̂_i: directly, through μ and through v.  The direct one and v
are the scaling of `_standardize.py`, μ is its centring, and together

    x̄_j = r ( g_j − mean(g) − x̂_j mean(g x̂) ).

Differentiable everywhere for ε > 0.

Source: J. Ba, J. Kiros, G. Hinton, "Layer normalization", arXiv:1607.06450, equation 4;
torch.nn.functional.layer_norm for ε inside the root and the biased variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array, Op, Shape
from reference.ops.normalization._standardize import affine, affine_vjp, standardize, standardize_vjp


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
        axes = self._axes()
        x_hat, r = standardize(x, axes, self.eps)
        return (affine(x_hat, weight, bias, self.normalized_shape),), (x_hat, r, weight, bias)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x_hat, r, weight, bias = residuals
        axes = self._axes()
        g, weight_bar, bias_bar = affine_vjp(x_hat, weight, bias, self.normalized_shape, y_bar)
        return standardize_vjp(x_hat, r, g, axes), weight_bar, bias_bar

    def _axes(self) -> tuple[int, ...]:
        return tuple(range(-len(self.normalized_shape), 0))
