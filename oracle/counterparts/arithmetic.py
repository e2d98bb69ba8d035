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


def power(base: Tensor, exponents: Tensor | None = None, *, exponent: float | None) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.pow.html"""
    power_of = exponent if exponents is None else exponents
    assert power_of is not None
    return torch.pow(base, power_of)


def max(x: Tensor, *, dim: int | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.max.html"""
    return torch.max(x) if dim is None else torch.max(x, dim=dim, keepdim=keepdim).values


def min(x: Tensor, *, dim: int | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.min.html"""
    return torch.min(x) if dim is None else torch.min(x, dim=dim, keepdim=keepdim).values


def subtract(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.subtract.html"""
    return torch.subtract(a, b)


def divide(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.divide.html"""
    return torch.divide(a, b)


def negative(x: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.negative.html"""
    return torch.negative(x)


def exp(x: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.exp.html"""
    return torch.exp(x)


def log(x: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.log.html"""
    return torch.log(x)


def sqrt(x: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html"""
    return torch.sqrt(x)


def abs(x: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.abs.html"""
    return torch.abs(x)


def mean(x: Tensor, *, dim: tuple[int, ...] | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.mean.html"""
    return torch.mean(x, dim, keepdim)


def amax(x: Tensor, *, dim: tuple[int, ...] | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.amax.html"""
    return torch.amax(x, tuple(range(x.ndim)) if dim is None else dim, keepdim)


def amin(x: Tensor, *, dim: tuple[int, ...] | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.amin.html"""
    return torch.amin(x, tuple(range(x.ndim)) if dim is None else dim, keepdim)


def maximum(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.maximum.html"""
    return torch.maximum(a, b)


def minimum(a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.minimum.html"""
    return torch.minimum(a, b)


def where(condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.where.html"""
    return torch.where(condition, a, b)


def clamp(x: Tensor, *, min: float | None, max: float | None) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.clamp.html"""
    return torch.clamp(x, min, max)
