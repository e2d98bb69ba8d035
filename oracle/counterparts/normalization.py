"""Normalisations, from torch.nn.functional."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


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
