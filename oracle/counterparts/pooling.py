"""Poolings, from torch.nn.functional."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

PerAxis = int | tuple[int, ...]


def max_pool2d(
    x: Tensor,
    *,
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    dilation: PerAxis,
    ceil_mode: bool,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html"""
    return F.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode)


def adaptive_avg_pool2d(x: Tensor, *, output_size: int | tuple[int | None, int | None]) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html"""
    return F.adaptive_avg_pool2d(x, output_size)


def upsample_nearest2d(x: Tensor, *, size: PerAxis) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html"""
    return F.interpolate(x, size=size, mode="nearest")


def avg_pool2d(
    x: Tensor,
    *,
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html"""
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
