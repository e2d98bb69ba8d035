"""What the normalisations share: centring, scaling to unit size, and the affine map behind them.

Each works on groups of n entries, those along the axes that `axes` names; mean(·) runs over a group.

**Centring**  c = x − mean(x).  This is c = Px with the matrix P = I − 11ᵀ/n, which is symmetric, so that
x̄ = Pᵀc̄ = Pc̄: the cotangent is centred likewise.

**Scaling**  x̂ = c r  with  r = 1/√(mean(c²) + ε).  Derivation:

    ∂r/∂c_j = −½ (mean(c²) + ε)^(−3/2) · 2 c_j/n = −r³ c_j/n = −r² x̂_j/n

    ∂x̂_i/∂c_j = r δ_ij + c_i ∂r/∂c_j = r (δ_ij − x̂_i x̂_j/n)

    c̄_j = Σ_i g_i ∂x̂_i/∂c_j = r (g_j − x̂_j mean(g x̂)),      g the cotangent of x̂.

**Both**, one after the other: x̄ = P c̄ = P S g with the matrix S = r (I − x̂x̂ᵀ/n).  Since mean(x̂) = 0, P x̂ = x̂:

    x̄_j = r (g_j − mean(g) − x̂_j mean(g x̂)).

Centring g before mean(g x̂) would be equal, and more accurate where x is nearly constant and x̂, whose mean is
then not quite 0, badly known.  Nobody computes it so, and nobody is wrong who does not: the formula stands.

**Affine map**  y = x̂ w + b, with w and b shared along the axes in which they have size 1:  g = ȳ w,
w̄ = Σ ȳ x̂  and  b̄ = Σ ȳ, summed over all that share them (`reference.shapes.unbroadcast`).

Differentiable everywhere for ε > 0.

Source: S. Ioffe, C. Szegedy, "Batch normalization", arXiv:1502.03167, §3 and the backward formulas there.
"""

from __future__ import annotations

import math

import numpy as np

from reference.op import Array, Shape
from reference.shapes import unbroadcast

Axes = tuple[int, ...]


def mean(x: Array, axes: Axes) -> Array:
    """Mean over `axes`, which are kept with size 1."""
    return np.sum(x, axis=axes, keepdims=True) / math.prod(x.shape[axis] for axis in axes)


def scale(c: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    """Scale `c` to unit mean square over `axes`: x̂ and r."""
    r = 1 / np.sqrt(mean(c * c, axes) + eps)
    return c * r, r


def scale_vjp(x_hat: Array, r: Array, g: Array, axes: Axes) -> Array:
    """Cotangent of `c`, given the cotangent g of x̂."""
    return r * (g - x_hat * mean(g * x_hat, axes))


def standardize(x: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    """Centre `x` over `axes`, then scale it: x̂ and r."""
    return scale(x - mean(x, axes), axes, eps)


def standardize_vjp(x_hat: Array, r: Array, g: Array, axes: Axes) -> Array:
    """Cotangent of `x`, given the cotangent g of x̂."""
    return r * (g - mean(g, axes) - x_hat * mean(g * x_hat, axes))


def affine(x_hat: Array, weight: Array | None, bias: Array | None, shape: Shape) -> Array:
    """x̂ w + b, with w and b seen in the `shape` that broadcasts with x̂; None leaves one out."""
    y = x_hat if weight is None else x_hat * np.reshape(weight, shape)
    return y if bias is None else y + np.reshape(bias, shape)


def affine_vjp(
    x_hat: Array, weight: Array | None, bias: Array | None, shape: Shape, y_bar: Array
) -> tuple[Array, Array | None, Array | None]:
    """Cotangents of x̂, w and b, given that of y."""
    bias_bar = None if bias is None else np.reshape(unbroadcast(y_bar, shape), bias.shape)
    if weight is None:
        return y_bar, None, bias_bar
    weight_bar = np.reshape(unbroadcast(y_bar * x_hat, shape), weight.shape)
    return y_bar * np.reshape(weight, shape), weight_bar, bias_bar


def per_channel(x: Shape) -> Shape:
    """Shape in which one number for each channel, axis 1 of x, broadcasts with x."""
    return (1, x[1]) + (1,) * (len(x) - 2)


def misfit(x: Shape, **arguments: Shape | None) -> tuple[str, Shape | None, str] | None:
    """What to refuse: an x without channels, or an argument that has not one entry for each of them."""
    if len(x) < 2:
        return "x", x, "needs a batch axis and a channel axis"
    for argument in arguments:
        if arguments[argument] not in (None, x[1:2]):
            return argument, arguments[argument], f"is not {x[1:2]}, one entry for each channel of x"
    return None
