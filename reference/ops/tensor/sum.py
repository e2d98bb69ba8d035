"""Sum over axes, y = Σ x.

Derivation.  Every summand has ∂y/∂x_i = 1, so the cotangent of the sum is copied to all of them:
summation and broadcasting are each other's adjoint.

    x̄_i = ȳ

Differentiable everywhere.

Source: torch.sum; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops._reduction import AxesReduction


@dataclass(frozen=True)
class Sum(AxesReduction):
    """Sum of x over the axes `dim`."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.sum(x, axis=self.axes(x.shape), keepdims=self.keepdim),), x.shape

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        return (np.broadcast_to(self.kept(y_bar, residuals), residuals),)
