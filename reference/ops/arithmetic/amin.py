"""Smallest entry along axes, its slope shared by all that are as small.

Derivation.  min x = −max(−x).  Both signs enter the derivative, and cancel: the rule is that of `amax`, for
the entries that are equal to y.

Not differentiable where k entries tie: each of them gets ȳ / k, as in `amax`.

Source: torch.amin, which documents that ties share the slope evenly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array
from reference.ops.arithmetic.amax import Amax


@dataclass(frozen=True)
class Amin(Amax):
    """Smallest entry of x over the axes `dim`."""

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        (y,), residuals = super().forward(-x)
        return (-y,), residuals
