"""Losses, from torch.nn.functional."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def mse(x: Tensor, target: Tensor, *, reduction: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html"""
    return F.mse_loss(x, target, reduction=reduction)


def cross_entropy(x: Tensor, target: Tensor, *, reduction: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html"""
    return F.cross_entropy(x, target, reduction=reduction)
