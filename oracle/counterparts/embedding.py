"""Tables whose rows are looked up, from torch."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def embedding(
    indices: Tensor, weight: Tensor, *, padding_idx: int | None, scale_grad_by_freq: bool
) -> Tensor:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html"""
    return F.embedding(indices, weight, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)
