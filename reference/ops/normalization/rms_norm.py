"""Root-mean-square normalisation over the trailing axes: layer normalisation without the centring.

Forward, for one group of n entries (the axes `normalized_shape`):

    r = 1 / √(Σ x_i² / n + ε)      x̂_i = x_i r      y_i = w_i x̂_i

Derivation.  w is shared by all groups, so  w̄ = Σ_groups ȳ x̂.  With g = ȳ w, the cotangent of x̂, the scaling
of `_standardize.py` gives

    x̄_j = r ( g_j − x̂_j mean(g x̂) ).

Differentiable everywhere for ε > 0.

ε has no default here.  Torch's is the machine epsilon of x's dtype, which would be another function in
every number system.

Source: B. Zhang, R. Sennrich, "Root mean square layer normalization", arXiv:1910.07467, equation 4;
torch.nn.functional.rms_norm for ε inside the root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array, Op, Shape
from reference.ops.normalization._standardize import affine, affine_vjp, scale, scale_vjp


@dataclass(frozen=True)
class RmsNorm(Op):
    """Divide x by its root mean square over the trailing axes `normalized_shape`, then scale."""

    normalized_shape: tuple[int, ...]
    eps: float

    def infer(self, x: Shape, weight: Shape | None = None) -> tuple[Shape, ...]:
        normalized = self.normalized_shape
        if not normalized or x[-len(normalized) :] != normalized:
            raise self.refuse("x", x, f"does not end in normalized_shape={normalized}")
        if weight is not None and weight != normalized:
            raise self.refuse("weight", weight, f"is not normalized_shape={normalized}")
        return (x,)

    def forward(self, x: Array, weight: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        x_hat, r = scale(x, self._axes(), self.eps)
        return (affine(x_hat, weight, None, self.normalized_shape),), (x_hat, r, weight)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x_hat, r, weight = residuals
        g, weight_bar, _ = affine_vjp(x_hat, weight, None, self.normalized_shape, y_bar)
        return scale_vjp(x_hat, r, g, self._axes()), weight_bar

    def _axes(self) -> tuple[int, ...]:
        return tuple(range(-len(self.normalized_shape), 0))
