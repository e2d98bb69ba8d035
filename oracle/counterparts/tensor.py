"""Ops that rearrange or add up a tensor, from torch."""

from __future__ import annotations

import torch
from torch import Tensor


def sum(x: Tensor, *, dim: tuple[int, ...] | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.sum.html"""
    return torch.sum(x, dim=dim, keepdim=keepdim)


def reshape(x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.reshape.html"""
    return torch.reshape(x, shape)


def concatenate(*x: Tensor, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.cat.html"""
    return torch.cat(x, dim=dim)


def transpose(x: Tensor, *, dim0: int, dim1: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.transpose.html"""
    return torch.transpose(x, dim0, dim1)


def index(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.index_select.html"""
    return torch.index_select(x, dim, index)
