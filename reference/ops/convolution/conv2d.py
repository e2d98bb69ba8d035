"""Convolution in two dimensions, as neural networks have it: without a flipped kernel, a cross-correlation.

Forward, for image n, output channel o and pixel (i, j), with x̃ the padded x:

    y_{n,o,i,j} = b_o + Σ_c Σ_u Σ_v w_{o,c,u,v} x̃_{n, c, s_h i + d_h u, s_w j + d_w v}.

c runs over the channels of o's group: with g groups, the channels of x and of y are cut into g equal
parts, and each part of y sees its part of x alone (g = 1: everything; g = number of channels: depthwise).

Derivation.  y is linear in x and linear in w, and `_correlation.py` derives both adjoints: x̄ is the
cross-correlation of the dilated ȳ with the flipped kernel, w̄ that of x with ȳ.  The bias is copied to
every pixel of every image:  b̄_o = Σ_{n,i,j} ȳ_{n,o,i,j}.

Sizes.  Along an axis of n entries there are ⌊(n + 2p − d (k − 1) − 1) / s⌋ + 1 outputs.  Entries that lie
behind the last window reach no output, and their gradient is 0.  Padding "same" is the one that makes n
outputs at stride 1, d (k − 1) zeros; if their number is odd, one more behind than in front.

Differentiable everywhere.

Source: torch.nn.Conv2d for stride, padding, dilation and groups; Y. LeCun et al., "Backpropagation applied
to handwritten zip code recognition" (1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.convolution._correlation import (
    Windows,
    correlate,
    correlate_transposed,
    correlate_weights,
)
from reference.shapes import size
from reference.windows import Pair, Window, pair


@dataclass(frozen=True)
class Conv2d(Op):
    """Cross-correlate x, (n, c, h, w) or (c, h, w), with weight (o, c / groups, kh, kw); add bias (o,)."""

    stride: Pair = 1
    padding: Pair | Literal["same", "valid"] = 0
    dilation: Pair = 1
    groups: int = 1

    def infer(self, x: Shape, weight: Shape, bias: Shape | None = None) -> tuple[Shape, ...]:
        if len(x) not in (3, 4):
            raise self.refuse("x", x, "needs the axes (n, c, h, w) or (c, h, w)")
        attributes = (self.stride, self.dilation, 0 if isinstance(self.padding, str) else self.padding)
        if any(len(pair(attribute)) != 2 for attribute in attributes):
            raise self.refuse("x", x, f"needs one number or two of each attribute: {self}")
        if self.padding == "same" and pair(self.stride) != (1, 1):
            raise self.refuse("x", x, "cannot keep its size (padding='same') at a stride other than 1")
        if self.groups < 1 or len(weight) != 4 or weight[1] * self.groups != x[-3] or 0 in weight:
            raise self.refuse("weight", weight, f"does not fit x of shape {x} in {self.groups} groups")
        if weight[0] % self.groups:
            raise self.refuse("weight", weight, f"has output channels that {self.groups} does not divide")
        if bias is not None and bias != weight[:1]:
            raise self.refuse("bias", bias, f"does not fit weight of shape {weight}: needs {weight[:1]}")
        windows = self._windows(weight)
        if not all(
            window.valid and n > 0 < window.count(n) for window, n in zip(windows, x[-2:], strict=True)
        ):
            raise self.refuse("x", x, f"has no room for the weight of shape {weight} as {self} moves it")
        shape = (window.count(n) for window, n in zip(windows, x[-2:], strict=True))
        return ((*x[:-3], weight[0], *shape),)

    def forward(self, x: Array, weight: Array, bias: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        y, matrices = correlate(self._grouped(x, 3), self._grouped(weight, 4), self._windows(weight.shape))
        y = np.reshape(y, (*x.shape[:-3], weight.shape[0], *y.shape[-2:]))
        if bias is not None:
            y += np.reshape(bias, (*weight.shape[:1], 1, 1))
        return (y,), (matrices, weight, x.shape, bias is not None)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        matrices, weight, x_shape, has_bias = residuals
        y_bar = self._grouped(y_bar, 3)
        windows = self._windows(weight.shape)
        x_bar = correlate_transposed(y_bar, self._grouped(weight, 4), windows, x_shape[-2:])
        weight_bar = correlate_weights(matrices, y_bar, weight.shape[3])
        bias_bar = np.reshape(np.sum(y_bar, axis=(0, 3, 4)), weight.shape[:1]) if has_bias else None
        return np.reshape(x_bar, x_shape), np.reshape(weight_bar, weight.shape), bias_bar

    def _grouped(self, x: Array, axes: int) -> Array:
        """Cut the channels, the first of the last `axes` axes, into groups."""
        before, channels, behind = x.shape[:-axes], x.shape[-axes], x.shape[1 - axes :]
        images = (size(before),) if axes == 3 else ()
        return np.reshape(x, (*images, self.groups, channels // self.groups, *behind))

    def _windows(self, weight: Shape) -> Windows:
        """The windows along the height and along the width."""
        kernel, stride, dilation = weight[2:], pair(self.stride), pair(self.dilation)
        if self.padding == "same":
            spare = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
            pads = [(total // 2, total - total // 2) for total in spare]
        else:
            pads = [(p, p) for p in pair(0 if self.padding == "valid" else self.padding)]
        axes = zip(kernel, stride, dilation, pads, strict=True)
        down, across = (Window(k, s, d, before, after) for k, s, d, (before, after) in axes)
        return down, across
