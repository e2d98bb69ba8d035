"""Local response normalisation: each entry is divided by a power of the squares in neighbouring channels.

Forward, for channel c, axis 1 of x, of one sample at one place:

    s_c = k + (α/n) Σ_{j ∈ W(c)} x_j²      y_c = x_c s_c^(−β)

with n = `size`.  The window W(c) holds the n channels c − ⌊n/2⌋ … c + ⌊(n−1)/2⌋, and channels before the
first and behind the last count as 0.

Derivation.  Two paths lead from x_j to y_c: directly, and through s_c for each window W(c) that holds j.
With ∂s_c/∂x_j = (2α/n) x_j and ∂s^(−β)/∂s = −β s^(−β−1)

    x̄_j = ȳ_j s_j^(−β) − (2αβ/n) x_j Σ_{c: j ∈ W(c)} ȳ_c x_c s_c^(−β−1).

The channels c whose window holds j are j − ⌊(n−1)/2⌋ … j + ⌊n/2⌋: the window mirrored.

Differentiable everywhere that all s_c > 0, which k > 0 and α ≥ 0 ensure.

For an even n torch's documentation, like the paper, writes a window of n + 1 channels, c − n/2 … c + n/2; its
words "size: amount of neighbouring channels used" and the division by n speak for n of them.

Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
networks" (2012), §3.3; torch.nn.functional.local_response_norm for the division by n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import pad_zeros


@dataclass(frozen=True)
class LocalResponseNorm(Op):
    """Divide x, (N, C, …), by (k + alpha · mean of squares over `size` channels) to the power beta."""

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if len(x) < 3:
            raise self.refuse("x", x, "needs a batch axis, a channel axis and an axis of places")
        if self.size < 1:
            raise self.refuse("x", x, f"has no windows of size={self.size}")
        return (x,)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        s = self.k + self.alpha * _windowed(x * x, self.size // 2, (self.size - 1) // 2) / self.size
        y = x * np.power(s, -self.beta)
        return (y,), (x, y, s)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x, y, s = residuals
        through_s = _windowed(y_bar * y / s, (self.size - 1) // 2, self.size // 2)
        direct = y_bar * np.power(s, -self.beta)
        return (direct - self.beta * (self.alpha * (2 * x * through_s)) / self.size,)


def _windowed(x: Array, before: int, after: int) -> Array:
    """Sum over the channels c − before … c + after, for each channel c."""
    padded = pad_zeros(x, ((0, 0), (before, after)))
    total = padded[:, : x.shape[1]]
    for shift in range(1, before + 1 + after):
        total = total + padded[:, shift : shift + x.shape[1]]
    return total
