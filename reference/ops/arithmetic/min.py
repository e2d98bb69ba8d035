"""Smallest entry, over one axis or over all.

Derivation.  min x = −max(−x).  Both signs enter the derivative, and cancel: the rule is that of `max` for
−x.

Not differentiable at a tie: the two conventions are those of `max`, and so is what becomes of a NaN.

Source: torch.min; torch.amin for the ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic.max import Max


@dataclass(frozen=True)
class Min(Max):
    """Smallest entry of x along the axis `dim`, kept with size 1 if `keepdim`; of all of x for None."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        (y,), residuals = super().forward(-x)
        return (-y,), residuals
