"""Logarithm of softmax, and softmax itself, as the losses on logits need them."""

from __future__ import annotations

import numpy as np

from reference.op import Array


def log_softmax(x: Array, axis: int) -> tuple[Array, Array]:
    """The logarithm of p = e^x / Σ e^x along an axis, and p; x is shifted by its maximum, which cancels."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    e = np.exp(shifted)
    total = np.sum(e, axis=axis, keepdims=True)
    return shifted - np.log(total), e / total
