"""Scaling by 1 + 2⁻ᵏ: the gradient is a little too large, by 1024 units of its last place."""

from __future__ import annotations

from oracle.faults.corruption import Call, Corruption
from oracle.numbers.noise import UNIT
from reference.op import Array

UNITS = 1024


class Scaled(Corruption):
    """× (1 + 1024 u): k = 14 in float32 and 43 in float64."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return x_bar * (1 + UNITS * UNIT[call.site.dtype])
