"""Proposals for convolutions: kernels of any form, and all that moves them drawn for each axis by itself."""

from __future__ import annotations

from typing import Any

from oracle.generate.builder import Builder, Proposal, Wire
from oracle.generate.images import either, images
from reference.op import Shape
from reference.shapes import size
from reference.windows import Window


def conv1d(draw: Builder) -> Proposal:
    return _convolution(draw, axes=1)


def conv2d(draw: Builder) -> Proposal:
    return _convolution(draw, axes=2)


def conv_transpose2d(draw: Builder) -> Proposal:
    x = images(draw)
    windows = [_spreading(draw, n) for n in x.shape[-2:]]
    if _entries(x.shape, windows, _spread) > draw.limits.elements:
        windows = [Window(1), Window(1)]
    most = draw.limits.elements // max(_entries(x.shape, windows, _spread), 1)
    groups, channels = _groups(draw, x.shape[-3], most)
    weight = (x.shape[-3], channels, *(window.kernel for window in windows))
    extra = either(draw, tuple(window.before - window.after for window in windows))
    attributes = {**_moves(draw, windows), "output_padding": extra, "groups": groups}
    return attributes, (x, *_parameters(draw, weight, x.shape[-3] // groups, channels * groups)), x.log2


def _convolution(draw: Builder, axes: int) -> Proposal:
    x = images(draw, axes)
    name = draw.bits.choice(("same", "valid")) if draw.bits.chance(15) else None
    way = draw.bits.weighted({"any": 70, "pointwise": 15, "keeps": 15})
    windows = [_window(draw, n, name, way) for n in x.shape[-axes:]]
    if _entries(x.shape, windows, Window.count) > draw.limits.elements:
        windows = [Window(min(window.kernel, n)) for window, n in zip(windows, x.shape[-axes:], strict=True)]
    most = draw.limits.elements // max(_entries(x.shape, windows, Window.count), 1)
    channels = x.shape[-axes - 1]
    groups, factor = _groups(draw, channels, most)
    weight = (groups * factor, channels // groups, *(window.kernel for window in windows))
    attributes = {**_moves(draw, windows), "groups": groups}
    if name is not None:
        attributes["padding"] = name
    return attributes, (x, *_parameters(draw, weight, weight[1], weight[0])), x.log2


def _window(draw: Builder, n: int, name: str | None, way: str) -> Window:
    """Windows along an axis of `n` entries: of one tap, or such that there are as many windows, or any."""
    kernel = 1 if way == "pointwise" else draw.bits.choice((1, 2, 3, 3, 4, 5))
    stride = draw.bits.choice((1, 1, 2, 3))
    dilation = draw.bits.choice((1, 1, 1, 2, 3))
    spare = dilation * (kernel - 1)
    if name == "same":
        return Window(kernel, 1, dilation, spare // 2, spare - spare // 2)
    if name is None and way == "keeps" and spare % 2 == 0:
        return Window(kernel, 1, dilation, spare // 2, spare // 2)
    padding = 0 if name else draw.bits.choice((0, 0, 1, 1, 2, 4))
    window = Window(kernel, stride, dilation, padding, padding)
    if window.count(n) > 0 and window.inside(n).any():
        return window
    return Window(min(kernel, n), stride)


def _spreading(draw: Builder, n: int) -> Window:
    """Windows that spread `n` entries over at least one; the padding behind is less by output padding."""
    kernel = draw.bits.choice((1, 2, 2, 3, 3, 4))
    stride = draw.bits.choice((1, 2, 2, 3))
    dilation = draw.bits.choice((1, 1, 1, 2, 3))
    padding = draw.bits.choice((0, 0, 1, 1, 2, 3))
    extra = draw.bits.below(max(stride, dilation)) if draw.bits.chance(50) else 0
    window = Window(kernel, stride, dilation, padding, padding - extra)
    return window if _spread(window, n) > 0 else Window(kernel, stride, dilation, 0, -extra)


def _spread(window: Window, n: int) -> int:
    """Length that `n` entries are spread over."""
    return (n - 1) * window.stride + window.span - window.before - window.after


def _entries(x: Shape, windows: list[Window], length: Any) -> int:
    """Entries of an output with one channel, `length` giving those along each axis."""
    axes = len(windows)
    lengths = tuple(length(window, n) for window, n in zip(windows, x[-axes:], strict=True))
    return size(x[: -axes - 1]) * size(lengths)


def _groups(draw: Builder, channels: int, most: int) -> tuple[int, int]:
    """Number of groups, and of channels that each has on the other side: together at most `most`."""
    divisors = [n for n in range(1, channels + 1) if channels % n == 0 and n <= most]
    groups = divisors[-1] if draw.bits.chance(25) else draw.bits.choice(divisors)
    return groups, draw.bits.between(1, max(min(4, most // groups), 1))


def _moves(draw: Builder, windows: list[Window]) -> dict[str, Any]:
    """The attributes that move windows."""
    return {
        "stride": either(draw, tuple(window.stride for window in windows)),
        "padding": either(draw, tuple(window.before for window in windows)),
        "dilation": either(draw, tuple(window.dilation for window in windows)),
    }


def _parameters(draw: Builder, weight: Shape, channels: int, out: int) -> tuple[Wire, ...]:
    """A weight that each output meets in so many channels, and mostly a bias."""
    parameters = (draw.parameter(weight, channels * size(weight[2:])),)
    return (*parameters, draw.parameter((out,))) if draw.bits.chance(70) else parameters
