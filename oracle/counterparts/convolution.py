"""Convolutions, from torch.nn.functional."""

from __future__ import annotations

import warnings

import torch.nn.functional as F
from torch import Tensor

PerAxis = int | tuple[int, ...]


def conv1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: PerAxis,
    padding: PerAxis | str,
    dilation: PerAxis,
    groups: int,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html"""
    with warnings.catch_warnings():  # "same" may copy the input: a warning about speed
        warnings.filterwarnings("ignore", "Using padding='same'")
        return F.conv1d(x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: PerAxis,
    padding: PerAxis | str,
    dilation: PerAxis,
    groups: int,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html"""
    with warnings.catch_warnings():  # "same" may copy the input: a warning about speed
        warnings.filterwarnings("ignore", "Using padding='same'")
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: PerAxis,
    padding: PerAxis,
    output_padding: PerAxis,
    groups: int,
    dilation: PerAxis,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html"""
    return F.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)
