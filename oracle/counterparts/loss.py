"""Losses, from torch.nn.functional."""

from __future__ import annotations

import warnings

import torch.nn.functional as F
from torch import Tensor


def mse(x: Tensor, target: Tensor, *, reduction: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html"""
    return F.mse_loss(x, target, reduction=reduction)


def l1(x: Tensor, target: Tensor, *, reduction: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html"""
    return F.l1_loss(x, target, reduction=reduction)


def smooth_l1(x: Tensor, target: Tensor, *, reduction: str, beta: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html"""
    return F.smooth_l1_loss(x, target, reduction=reduction, beta=beta)


def huber(x: Tensor, target: Tensor, *, reduction: str, delta: float) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html"""
    return F.huber_loss(x, target, reduction=reduction, delta=delta)


def bce(x: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html"""
    return F.binary_cross_entropy(x, target, weight, reduction=reduction)


def bce_with_logits(
    x: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    *,
    reduction: str,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html"""
    return F.binary_cross_entropy_with_logits(x, target, weight, reduction=reduction, pos_weight=pos_weight)


def kl_div(x: Tensor, target: Tensor, *, reduction: str, log_target: bool) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html"""
    with warnings.catch_warnings(action="ignore"):  # of a change to "mean" that is to come
        return F.kl_div(x, target, reduction=reduction, log_target=log_target)


def nll(
    x: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str, ignore_index: int
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html"""
    return F.nll_loss(x, target, weight, ignore_index=ignore_index, reduction=reduction)


def cross_entropy(
    x: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str,
    ignore_index: int,
    label_smoothing: float,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html"""
    return F.cross_entropy(
        x,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def cross_entropy_soft(
    x: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str, label_smoothing: float
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html"""
    return F.cross_entropy(x, target, weight, reduction=reduction, label_smoothing=label_smoothing)
