"""Ops that select entries by an index or a mask, from torch."""

from __future__ import annotations

import torch
from torch import Tensor


def gather(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.gather.html"""
    return torch.gather(x, dim, index)


def masked_fill(x: Tensor, mask: Tensor, *, value: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill.html"""
    return x.masked_fill(mask, value)
