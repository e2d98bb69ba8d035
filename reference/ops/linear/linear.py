"""Affine map y = x Wᵀ + b over the last axis of x.

Forward, for one row and one neuron j:  y_j = Σ_i W_ji x_i + b_j.

Derivation.  With l the loss and ȳ = ∂l/∂y, the chain rule gives, for every weight,

    ∂l/∂W_ji = Σ_rows (∂y_j/∂W_ji) ȳ_j = Σ_rows x_i ȳ_j      so  W̄ = ȳᵀ x

(the chapter's forward pass: ∂y_j/∂W_ji is x_i, the value that the weight's input carries).  The input
x_i reaches l through every y_j, and paths add:

    ∂l/∂x_i = Σ_j (∂y_j/∂x_i) ȳ_j = Σ_j W_ji ȳ_j             so  x̄ = ȳ W

(the chapter's backward pass: the reversed network carries the transposed weights).  The bias is copied
to every row:  b̄_j = Σ_rows ȳ_j.

Differentiable everywhere.

Source: torch.nn.functional.linear for the convention that row j of W feeds neuron j; C. Bishop,
"Pattern Recognition and Machine Learning" (2006), §5.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import size


@dataclass(frozen=True)
class Linear(Op):
    """y = x Wᵀ + b, with x (…, in), weight (out, in) and bias (out,)."""

    def infer(self, x: Shape, weight: Shape, bias: Shape | None = None) -> tuple[Shape, ...]:
        if len(x) < 1:
            raise self.refuse("x", x, "needs at least one axis")
        if len(weight) != 2 or weight[1] != x[-1]:
            raise self.refuse("weight", weight, f"does not fit x of shape {x}: needs (out, {x[-1]})")
        if bias is not None and bias != weight[:1]:
            raise self.refuse("bias", bias, f"does not fit weight of shape {weight}: needs {weight[:1]}")
        return ((*x[:-1], weight[0]),)

    def forward(self, x: Array, weight: Array, bias: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        rows = _reshape(x, (size(x.shape[:-1]), x.shape[-1]))
        y = rows @ weight.T
        if bias is not None:
            y += bias
        return (_reshape(y, (*x.shape[:-1], weight.shape[0])),), (rows, weight, x.shape, bias is not None)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        rows, weight, x_shape, has_bias = residuals
        y_bar = _reshape(y_bar, (rows.shape[0], weight.shape[0]))
        x_bar = _reshape(y_bar @ weight, x_shape)
        weight_bar = y_bar.T @ rows
        if not has_bias:
            return x_bar, weight_bar
        return x_bar, weight_bar, np.sum(y_bar, axis=0)


def _reshape(x: Array, shape: Shape) -> Array:
    """`np.reshape` where the shape differs; where it does not, the call would cost a small product's time."""
    return x if x.shape == shape else np.reshape(x, shape)
