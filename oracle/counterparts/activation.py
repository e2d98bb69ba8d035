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


def relu6(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html"""
    return F.relu6(z)


def leaky_relu(z: Tensor, *, negative_slope: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html"""
    return F.leaky_relu(z, negative_slope=negative_slope)


def prelu(z: Tensor, weight: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html"""
    return F.prelu(z, weight)


def threshold(z: Tensor, *, threshold: float, value: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html"""
    return F.threshold(z, threshold, value)


def hardtanh(z: Tensor, *, min_val: float, max_val: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html"""
    return F.hardtanh(z, min_val=min_val, max_val=max_val)


def hardswish(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html"""
    return F.hardswish(z)


def hardshrink(z: Tensor, *, lambd: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html"""
    return F.hardshrink(z, lambd=lambd)


def softshrink(z: Tensor, *, lambd: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html"""
    return F.softshrink(z, lambd=lambd)


def elu(z: Tensor, *, alpha: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html"""
    return F.elu(z, alpha=alpha)


def gelu(z: Tensor, *, approximate: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html"""
    return F.gelu(z, approximate=approximate)


def selu(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.selu.html"""
    return F.selu(z)


def celu(z: Tensor, *, alpha: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.celu.html"""
    return F.celu(z, alpha=alpha)


def silu(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.silu.html"""
    return F.silu(z)


def mish(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mish.html"""
    return F.mish(z)


def logsigmoid(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html"""
    return F.logsigmoid(z)


def softplus(z: Tensor, *, beta: float, threshold: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html"""
    return F.softplus(z, beta=beta, threshold=threshold)


def softmax(z: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html"""
    return F.softmax(z, dim=dim)


def softmin(z: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html"""
    return F.softmin(z, dim=dim)


def log_softmax(z: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html"""
    return F.log_softmax(z, dim=dim)


def glu(x: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.glu.html"""
    return F.glu(x, dim=dim)


def hardsigmoid(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html"""
    return F.hardsigmoid(z)


def softsign(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html"""
    return F.softsign(z)


def tanhshrink(z: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html"""
    return F.tanhshrink(z)
