"""Ops that rearrange or add up a tensor, from torch."""

from __future__ import annotations

import builtins

import torch
import torch.nn.functional as F
from torch import Tensor


def sum(x: Tensor, *, dim: tuple[int, ...] | None, keepdim: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.sum.html"""
    return torch.sum(x, dim=dim, keepdim=keepdim)


def cumsum(x: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html"""
    return torch.cumsum(x, dim)


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


def slice(x: Tensor, *, dim: int, start: int | None, end: int | None, step: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/tensor_view.html"""
    everything = builtins.slice(None)
    return x[(everything,) * (dim % x.ndim) + (builtins.slice(start, end, step),)]


def select(x: Tensor, *, dim: int, index: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.select.html"""
    return torch.select(x, dim, index)


def permute(x: Tensor, *, dims: tuple[int, ...]) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.permute.html"""
    return torch.permute(x, dims)


def pad(x: Tensor, *, pad: tuple[int, ...], mode: str, value: float | None) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html"""
    return F.pad(x, list(pad), mode=mode, value=value)


def expand(x: Tensor, *, size: tuple[int, ...]) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html"""
    return x.expand(size)


def squeeze(x: Tensor, *, dim: int | tuple[int, ...] | None) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html"""
    return torch.squeeze(x) if dim is None else torch.squeeze(x, dim)


def unsqueeze(x: Tensor, *, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html"""
    return torch.unsqueeze(x, dim)


def flatten(x: Tensor, *, start_dim: int, end_dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.flatten.html"""
    return torch.flatten(x, start_dim, end_dim)


def repeat(x: Tensor, *, repeats: tuple[int, ...]) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html"""
    return x.repeat(repeats)


def roll(x: Tensor, *, shifts: int | tuple[int, ...], dims: int | tuple[int, ...] | None) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.roll.html"""
    return torch.roll(x, shifts) if dims is None else torch.roll(x, shifts, dims)


def chunk(x: Tensor, *, chunks: int, dim: int) -> tuple[Tensor, ...]:
    """https://docs.pytorch.org/docs/stable/generated/torch.chunk.html"""
    return torch.chunk(x, chunks, dim=dim)


def unbind(x: Tensor, *, dim: int) -> tuple[Tensor, ...]:
    """https://docs.pytorch.org/docs/stable/generated/torch.unbind.html"""
    return torch.unbind(x, dim=dim)


def stack(*x: Tensor, dim: int) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.stack.html"""
    return torch.stack(x, dim=dim)


def split(x: Tensor, *, split_size_or_sections: int | tuple[int, ...], dim: int) -> tuple[Tensor, ...]:
    """https://docs.pytorch.org/docs/stable/generated/torch.split.html"""
    if isinstance(split_size_or_sections, tuple):
        return torch.split(x, list(split_size_or_sections), dim=dim)
    return torch.split(x, split_size_or_sections, dim=dim)
