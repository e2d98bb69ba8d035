"""Proposals for poolings.

Windows are small beside the images and lie anywhere on them: they overlap or leave gaps, start in the
padding, or reach over the end (`ceil_mode`).  But each one meets an entry: for a window of padding alone
torch writes a gradient outside of the image, see max-pool2d-padding-alone among the observed findings.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oracle.generate.builder import Builder, Proposal
from oracle.generate.images import either, images
from reference.op import Shape
from reference.windows import Window


def max_pool2d(draw: Builder) -> Proposal:
    x = images(draw)
    attributes, windows = _windows(draw, x.shape[-2:], dilated=True)
    attributes["dilation"] = either(draw, tuple(window.dilation for window in windows))
    return attributes, (x,), x.log2


def avg_pool2d(draw: Builder) -> Proposal:
    x = images(draw)
    attributes, _ = _windows(draw, x.shape[-2:], dilated=False)
    attributes["count_include_pad"] = draw.bits.chance(60)
    attributes["divisor_override"] = draw.bits.choice((None, None, None, 1, 3, -2))
    return attributes, (x,), x.log2 + 2


def adaptive_avg_pool2d(draw: Builder) -> Proposal:
    x = images(draw)
    height, width = (_size(draw, n) for n in x.shape[-2:])
    sizes = tuple(None if draw.bits.chance(10) else size for size in (height, width))
    return {"output_size": height if height == width and draw.bits.chance(50) else sizes}, (x,), x.log2


def upsample_nearest2d(draw: Builder) -> Proposal:
    x = images(draw, batched=True)
    height, width = (_exact_size(draw, n) for n in x.shape[-2:])
    return {"size": either(draw, (height, width))}, (x,), x.log2


def _size(draw: Builder, n: int) -> int:
    """Another size of an axis of `n` entries: twice, a half, the same, or any; at most twice as large."""
    return draw.bits.choice((2 * n, (n + 1) // 2, n, draw.bits.between(1, 2 * n)))


def _exact_size(draw: Builder, n: int) -> int:
    """Such a size, but for long axes only where torch's places in float32 are right.

    See upsample-nearest-quotient among the observed findings.
    """
    wanted = _size(draw, n)
    return wanted if n < 14 and wanted < 74 else 2 * n if draw.bits.chance(50) else n


def _windows(draw: Builder, shape: Shape, dilated: bool) -> tuple[dict[str, Any], list[Window]]:
    """Windows for each axis, and the attributes that all poolings have."""
    ceil_mode, apart = draw.bits.chance(50), draw.bits.chance(25)
    windows = [_window(draw, n, dilated, ceil_mode, apart) for n in shape]
    attributes = {
        "kernel_size": either(draw, tuple(window.kernel for window in windows)),
        "stride": None if apart else either(draw, tuple(window.stride for window in windows)),
        "padding": either(draw, tuple(window.before for window in windows)),
        "ceil_mode": ceil_mode,
    }
    return attributes, windows


def _window(draw: Builder, n: int, dilated: bool, ceil_mode: bool, apart: bool) -> Window:
    """Windows along an axis of `n` entries, side by side if `apart`."""
    kernel = draw.bits.choice((1, 2, 2, 3, 3, 4, 5, 6))
    padding = draw.bits.between(0, kernel // 2)
    dilation = draw.bits.choice((1, 1, 2, 3)) if dilated else 1
    stride = kernel if apart else draw.bits.choice((1, 1, 2, 2, 3, 4))
    window = Window(kernel, stride, dilation, padding, padding, ceil_mode)
    for candidate in (window, replace(window, dilation=1)):
        if candidate.count(n) > 0 and candidate.inside(n).any(axis=0).all():
            return candidate
    kernel = min(kernel, n)
    return Window(kernel, kernel if apart else stride, ceil_mode=ceil_mode)
