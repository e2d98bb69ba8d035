"""Natural logarithm y = log x.

Derivation.  x = eʸ, so 1 = eʸ dy/dx:

    x̄ = ȳ / x

Not differentiable, and not defined, for x < 0, where y is NaN and the slope arbitrary (1/x is as good as
any; torch documents no more).  At x = ±0 the slope is the limit from where it stands: ±∞.

Source: torch.log; torch's notes on autograd, "Gradients for non-differentiable functions", rules 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.ops.arithmetic._unary import Unary


@dataclass(frozen=True)
class Log(Unary):
    """y = log x, elementwise."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        return (np.log(x),), x

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x = residuals
        return (y_bar / x,)
