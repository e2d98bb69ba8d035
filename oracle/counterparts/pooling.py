"""Poolings, from torch.nn.functional."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

Pair = int | tuple[int, ...]


def max_pool2d(
    x: Tensor,
    *,
    kernel_size: Pair,
    stride: Pair | None,
    padding: Pair,
    dilation: Pair,
    ceil_mode: bool,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html"""
    return F.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode)


def avg_pool2d(
    x: Tensor,
    *,
    kernel_size: Pair,
    stride: Pair | None,
    padding: Pair,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html"""
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
