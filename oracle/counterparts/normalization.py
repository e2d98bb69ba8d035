"""Normalisations, from torch.nn.functional."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


def layer_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    normalized_shape: tuple[int, ...],
    eps: float,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html"""
    return F.layer_norm(x, normalized_shape, weight, bias, eps)


def rms_norm(
    x: Tensor, weight: Tensor | None = None, *, normalized_shape: tuple[int, ...], eps: float
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html"""
    return F.rms_norm(x, normalized_shape, weight, eps)


def group_norm(
    x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None, *, num_groups: int, eps: float
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html"""
    return F.group_norm(x, num_groups, weight, bias, eps)


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, ...]:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html

    It updates the running statistics in place in training: there it gets copies, and these are outputs.
    """
    mean, var, weight = _contiguous(running_mean), _contiguous(running_var), _contiguous(weight)
    y = F.batch_norm(x, mean, var, weight, bias, training, momentum, eps)
    return (y,) if mean is None or var is None or not training else (y, mean, var)


def instance_norm(
    x: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    use_input_stats: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, ...]:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html

    It updates the running statistics in place: where it does, it gets copies, and these are outputs.
    """
    mean, var = _contiguous(running_mean), _contiguous(running_var)
    y = F.instance_norm(x, mean, var, weight, bias, use_input_stats, momentum, eps)
    return (y,) if mean is None or var is None or not use_input_stats else (y, mean, var)


def _contiguous(tensor: Tensor | None) -> Tensor | None:
    """A copy in row-major order.

    Torch 2.13 differentiates batch norm as if the weight and the statistics were contiguous: with what lies
    between the entries of a strided one, and with memory that it never wrote to.  See batch-norm-strided
    among the observed findings.
    """
    return None if tensor is None else tensor.clone(memory_format=torch.contiguous_format)


def local_response_norm(x: Tensor, *, size: int, alpha: float, beta: float, k: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html"""
    return F.local_response_norm(x, size, alpha=alpha, beta=beta, k=k)


def dropout(x: Tensor, mask: Tensor, *, p: float, training: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html

    Torch's own dropout, with the mask in place of its draw from a Bernoulli distribution.
    """
    with _Drawn(mask):
        return F.dropout(x, p=p, training=training)


class _Drawn(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While active, a tensor that torch fills with Bernoulli samples is filled with `mask`."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.mask = mask

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.bernoulli_.float:
            return args[0].copy_(self.mask)
        return func(*args, **(kwargs or {}))
