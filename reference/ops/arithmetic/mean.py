"""Mean over axes, y = Σ x / n.

Derivation.  Each of the n entries has ∂y/∂x_i = 1/n:

    x̄_i = ȳ / n

Differentiable everywhere.  The mean of nothing is 0/0 = NaN, as in torch.

Source: torch.mean; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops._reduction import AxesReduction
from reference.shapes import size


@dataclass(frozen=True)
class Mean(AxesReduction):
    """Mean of x over the axes `dim`."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        n = size(tuple(x.shape[axis] for axis in self.axes(x.shape)))
        return (np.sum(x, axis=self.axes(x.shape), keepdims=self.keepdim) / n,), (x.shape, n)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        shape, n = residuals
        return (np.broadcast_to(self.kept(y_bar, shape) / n, shape),)
