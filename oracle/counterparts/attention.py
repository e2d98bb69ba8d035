"""Attention, from torch.nn.functional."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    is_causal: bool,
    scale: float | None,
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"""
    either = bias if mask is None else mask  # one argument of torch: boolean, or floating and added
    return F.scaled_dot_product_attention(query, key, value, either, is_causal=is_causal, scale=scale)
