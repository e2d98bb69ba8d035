"""Convolutions over one axis and over two: attributes, the check of shapes, and both passes.

The matrices of `_correlation.py` have two axes; where there is one, it is the width of images whose height
is 1.  The batch is one axis there, or of size 1 where x has none, and the channels are cut into groups:
both are reshapes, and their adjoints are the reshapes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.convolution._correlation import (
    Windows,
    correlate,
    correlate_transposed,
    correlate_weights,
)
from reference.shapes import size
from reference.windows import PerAxis, Window, per_axis


@dataclass(frozen=True)
class Convolution(Op):
    """Cross-correlate x, (n, c, …) or (c, …), with weight (o, c / groups, …), and add bias (o,)."""

    axes: ClassVar[int]

    stride: PerAxis = 1
    padding: PerAxis | Literal["same", "valid"] = 0
    dilation: PerAxis = 1
    groups: int = 1

    def infer(self, x: Shape, weight: Shape, bias: Shape | None = None) -> tuple[Shape, ...]:
        axes, groups = self.axes, self.groups
        if len(x) - axes not in (1, 2):
            raise self.refuse("x", x, f"needs channels and {axes} axes behind them, with or without images")
        if any(len(attribute) != axes for attribute in self._attributes()):
            raise self.refuse("x", x, f"needs one number for each attribute, or for each axis: {self}")
        if self.padding == "same" and {*self._attributes()[0]} != {1}:
            raise self.refuse("x", x, "cannot keep its size (padding='same') at a stride other than 1")
        if groups < 1 or len(weight) != axes + 2 or weight[1] * groups != x[-axes - 1] or 0 in weight:
            raise self.refuse("weight", weight, f"does not fit x of shape {x} in {groups} groups")
        if weight[0] % groups:
            raise self.refuse("weight", weight, f"has output channels that {groups} does not divide")
        if bias is not None and bias != weight[:1]:
            raise self.refuse("bias", bias, f"does not fit weight of shape {weight}: needs {weight[:1]}")
        moved = [*zip(self._windows(weight)[-axes:], x[-axes:], strict=True)]
        if not all(window.valid and n > 0 < window.count(n) for window, n in moved):
            raise self.refuse("x", x, f"has no room for the weight of shape {weight} as {self} moves it")
        return ((*x[: -axes - 1], weight[0], *(window.count(n) for window, n in moved)),)

    def forward(self, x: Array, weight: Array, bias: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        axes, out = self.axes, weight.shape[0]
        w = kernels(weight, self.groups, axes)
        y, matrices = correlate(images(x, self.groups, axes), w, self._windows(weight.shape))
        y = np.reshape(y, (*x.shape[: -axes - 1], out, *y.shape[-axes:]))
        if bias is not None:
            y += np.reshape(bias, (out, *(1,) * axes))
        return (y,), (matrices, w, x.shape, weight.shape, bias is not None)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        matrices, w, x_shape, weight_shape, has_bias = residuals
        y_bar = images(y_bar, self.groups, self.axes)
        shape = plane(x_shape, self.axes)
        x_bar = np.reshape(correlate_transposed(y_bar, w, self._windows(weight_shape), shape), x_shape)
        weight_bar = np.reshape(correlate_weights(matrices, y_bar, w.shape[-1]), weight_shape)
        bias_bar = np.reshape(np.sum(y_bar, axis=(0, 3, 4)), weight_shape[:1]) if has_bias else None
        return x_bar, weight_bar, bias_bar

    def _attributes(self) -> tuple[tuple[int, ...], ...]:
        padding = 0 if isinstance(self.padding, str) else self.padding
        return tuple(per_axis(value, self.axes) for value in (self.stride, self.dilation, padding))

    def _windows(self, weight: Shape) -> Windows:
        """The windows along the height and along the width."""
        stride, dilation, padding = self._attributes()
        pads = [(p, p) for p in padding]
        if self.padding == "same":
            spare = [d * (k - 1) for k, d in zip(weight[2:], dilation, strict=True)]
            pads = [(total // 2, total - total // 2) for total in spare]
        axes = zip(weight[2:], stride, dilation, pads, strict=True)
        windows = [Window(k, s, d, before, after) for k, s, d, (before, after) in axes]
        return windows[0] if self.axes == 2 else Window(1), windows[-1]


def images(x: Array, groups: int, axes: int) -> Array:
    """The same as x of shape (n, g, c / g, h, w)."""
    before, channels = x.shape[: -axes - 1], x.shape[-axes - 1]
    return np.reshape(x, (size(before), groups, channels // groups, *plane(x.shape, axes)))


def kernels(weight: Array, groups: int, axes: int) -> Array:
    """The same as weight, (o, c, …), of shape (g, o / g, c, kh, kw)."""
    out, channels = weight.shape[:2]
    return np.reshape(weight, (groups, out // groups, channels, *plane(weight.shape, axes)))


def plane(shape: Shape, axes: int) -> tuple[int, int]:
    """Height and width, the last axes of `shape`: a height of 1 where there is one axis."""
    return (shape[-2] if axes == 2 else 1), shape[-1]
