"""Transposed convolution in two dimensions: the adjoint of a convolution, as a forward map.

A convolution that takes images y of o channels and some height and width to images x is linear in y,
x = C_w y.  This op has the same weight and goes the other way,

    y = C_wᵀ x + b,

so that every entry of x is spread over the entries of y that a window of the convolution would have read:

    y_{n,c,r,t} = b_c + Σ_o Σ_{u,v} Σ_{i,j} w_{o,c,u,v} x_{n,o,i,j}

over the i and j with s_h i + d_h u − p_h = r and s_w j + d_w v − p_w = t.

Derivation.  Transposing twice gives the matrix back, so the cotangent of x is a plain convolution:

    x̄ = C_w ȳ.

Its padding is where y was cut off: the cotangent of what nobody sees is 0, and is multiplied like any other.

y is linear in w, too.  With the bilinear form ⟨x, C_w y⟩ = ⟨C_wᵀ x, y⟩, what multiplies w_{o,c,u,v} in
⟨C_wᵀ x, ȳ⟩ is what multiplies it in ⟨x, C_w ȳ⟩: the weight's cotangent of a convolution whose **input** is
ȳ and whose output has the cotangent x (`correlate_weights`).  The bias is copied to every pixel.

Sizes.  A convolution with stride s takes several sizes to the same one; the smallest is
(h − 1) s − 2p + d (k − 1) + 1, and `output_padding` says how much larger y is to be: at the end, fewer
entries fall to the padding p, and where none is left to fall, y has zeros there, and the bias.

Differentiable everywhere.

Source: torch.nn.ConvTranspose2d; V. Dumoulin and F. Visin, arXiv:1603.07285, §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.convolution._convolution import images, kernels
from reference.ops.convolution._correlation import (
    Windows,
    correlate,
    correlate_transposed,
    correlate_weights,
)
from reference.windows import PerAxis, Window, per_axis


@dataclass(frozen=True)
class ConvTranspose2d(Op):
    """Spread x, (n, o, h, w) or (o, h, w), by weight (o, c / groups, kh, kw), and add bias (c,)."""

    stride: PerAxis = 1
    padding: PerAxis = 0
    output_padding: PerAxis = 0
    groups: int = 1
    dilation: PerAxis = 1

    def infer(self, x: Shape, weight: Shape, bias: Shape | None = None) -> tuple[Shape, ...]:
        if len(x) not in (3, 4):
            raise self.refuse("x", x, "needs channels and 2 axes behind them, with or without images")
        if any(len(attribute) != 2 for attribute in self._attributes()):
            raise self.refuse("x", x, f"needs one number for each attribute, or for each axis: {self}")
        if (
            self.groups < 1
            or len(weight) != 4
            or weight[0] != x[-3]
            or weight[0] % self.groups
            or 0 in weight
        ):
            raise self.refuse("weight", weight, f"does not fit x of shape {x} in {self.groups} groups")
        channels = weight[1] * self.groups
        if bias is not None and bias != (channels,):
            raise self.refuse("bias", bias, f"does not fit weight of shape {weight}: needs ({channels},)")
        for stride, padding, extra, dilation in zip(*self._attributes(), strict=True):
            if min(stride, dilation) < 1 or padding < 0 or not 0 <= extra < max(stride, dilation):
                raise self.refuse("x", x, f"cannot be spread like this: {self}")
        shape = self._plane(x, weight)
        if min(*shape, *x[-3:]) < 1:
            raise self.refuse("x", x, f"leaves nothing with the weight of shape {weight} and {self}")
        return ((*x[:-3], channels, *shape),)

    def forward(self, x: Array, weight: Array, bias: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        plane, windows = self._plane(x.shape, weight.shape), self._windows(weight.shape)
        outputs, w = images(x, self.groups, 2), kernels(weight, self.groups, 2)
        y = correlate_transposed(outputs, w, windows, plane)
        y = np.reshape(y, (*x.shape[:-3], weight.shape[1] * self.groups, *plane))
        if bias is not None:
            y += np.reshape(bias, (-1, 1, 1))
        return (y,), (outputs, w, x.shape, weight.shape, bias is not None)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        outputs, w, x_shape, weight_shape, has_bias = residuals
        y_bar = images(y_bar, self.groups, 2)
        x_bar, matrices = correlate(y_bar, w, self._windows(weight_shape))
        weight_bar = np.reshape(correlate_weights(matrices, outputs, w.shape[-1]), weight_shape)
        bias_bar = np.reshape(np.sum(y_bar, axis=(0, 3, 4)), (-1,)) if has_bias else None
        return np.reshape(x_bar, x_shape), weight_bar, bias_bar

    def _attributes(self) -> tuple[tuple[int, ...], ...]:
        attributes = self.stride, self.padding, self.output_padding, self.dilation
        return tuple(per_axis(attribute, 2) for attribute in attributes)

    def _windows(self, weight: Shape) -> Windows:
        """Windows of the convolution that this is the adjoint of: none in the output padding."""
        axes = zip(weight[2:], *self._attributes(), strict=True)
        down, across = (Window(k, s, d, p, p - extra) for k, s, p, extra, d in axes)
        return down, across

    def _plane(self, x: Shape, weight: Shape) -> tuple[int, int]:
        """Height and width of y."""
        axes = zip(x[-2:], weight[2:], *self._attributes(), strict=True)
        height, width = ((n - 1) * s - 2 * p + d * (k - 1) + extra + 1 for n, k, s, p, extra, d in axes)
        return height, width
