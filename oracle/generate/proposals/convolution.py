"""Proposals for convolutions: kernels of any form, and all that moves them drawn for each axis by itself."""

from __future__ import annotations

from typing import Any

from oracle.generate.builder import Builder, Proposal, Wire
from oracle.generate.images import either, images
from reference.op import Shape
from reference.shapes import size
from reference.windows import Window


def conv2d(draw: Builder) -> Proposal:
    x = images(draw)
    name = draw.bits.choice(("same", "valid")) if draw.bits.chance(15) else None
    way = draw.bits.weighted({"any": 70, "pointwise": 15, "keeps": 15})
    windows = [_window(draw, n, name, way) for n in x.shape[-2:]]
    if _pixels(x.shape, windows) > draw.limits.elements:
        windows = [Window(min(window.kernel, n)) for window, n in zip(windows, x.shape[-2:], strict=True)]
    groups, weight = _channels(draw, x.shape, windows)
    attributes: dict[str, Any] = {
        "stride": either(draw, tuple(window.stride for window in windows)),
        "padding": name or either(draw, tuple(window.before for window in windows)),
        "dilation": either(draw, tuple(window.dilation for window in windows)),
        "groups": groups,
    }
    inputs: tuple[Wire, ...] = (x, draw.parameter(weight, size(weight[1:])))
    if draw.bits.chance(70):
        inputs += (draw.parameter(weight[:1]),)
    return attributes, inputs, x.log2


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


def _channels(draw: Builder, x: Shape, windows: list[Window]) -> tuple[int, Shape]:
    """Number of groups, and a shape of the weight for which y is no larger than a wire may be."""
    channels, kernel = x[-3], tuple(window.kernel for window in windows)
    most = draw.limits.elements // max(_pixels(x, windows), 1)
    divisors = [n for n in range(1, channels + 1) if channels % n == 0 and n <= most]
    groups = divisors[-1] if draw.bits.chance(25) else draw.bits.choice(divisors)
    out = groups * draw.bits.between(1, max(min(4, most // groups), 1))
    return groups, (out, channels // groups, *kernel)


def _pixels(x: Shape, windows: list[Window]) -> int:
    """Entries of an output with one channel."""
    return size(x[:-3]) * size(tuple(window.count(n) for window, n in zip(windows, x[-2:], strict=True)))
