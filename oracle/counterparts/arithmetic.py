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
