"""Arithmetic, from torch."""

from __future__ import annotations

import torch
from torch import Tensor


def add(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.add.html"""
    return torch.add(a, b)


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.multiply.html"""
    return torch.multiply(a, b)
