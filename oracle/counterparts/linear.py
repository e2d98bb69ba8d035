"""Linear maps, from torch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html"""
    return F.linear(x, weight, bias)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.matmul.html"""
    return torch.matmul(a, b)
