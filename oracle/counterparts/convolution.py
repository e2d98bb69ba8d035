"""Convolutions, from torch.nn.functional."""

from __future__ import annotations

import warnings

import torch.nn.functional as F
from torch import Tensor

Pair = int | tuple[int, ...]


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair,
    padding: Pair | str,
    dilation: Pair,
    groups: int,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html"""
    with warnings.catch_warnings():  # "same" may copy the input: a warning about speed
        warnings.filterwarnings("ignore", "Using padding='same'")
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
