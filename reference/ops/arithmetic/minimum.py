"""The smaller of two, y = min(a, b), elementwise and with broadcasting.

Derivation.  min(a, b) = −max(−a, −b).  Both signs enter the derivative, and cancel: the rule is that of
`maximum` for −a and −b.

Not differentiable at a = b: a tie is split, as in `maximum`.

Source: torch.minimum; torch's notes on autograd, "Gradients for non-differentiable functions", rule 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic.maximum import Maximum


@dataclass(frozen=True)
class Minimum(Maximum):
    """y = min(a, b), shapes broadcast together."""

    def forward(self, a: Array, b: Array) -> tuple[tuple[Array, ...], Any]:
        (y,), residuals = super().forward(-a, -b)
        return (-y,), residuals
