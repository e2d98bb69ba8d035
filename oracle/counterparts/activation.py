"""Activations, from torch.nn.functional."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def sigmoid(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html"""
    return F.sigmoid(z)


def tanh(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html"""
    return F.tanh(z)


def relu(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu.html"""
    return F.relu(z)


def softplus(z: Tensor, *, beta: float, threshold: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html"""
    return F.softplus(z, beta=beta, threshold=threshold)


def softmax(z: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html"""
    return F.softmax(z, dim=dim)


def elu(z: Tensor, *, alpha: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html"""
    return F.elu(z, alpha=alpha)


def gelu(z: Tensor, *, approximate: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html"""
    return F.gelu(z, approximate=approximate)
