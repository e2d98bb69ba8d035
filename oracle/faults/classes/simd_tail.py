"""A SIMD tail: the entries behind the last full block of eight come out wrong."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption, shown
from reference.op import Array

BLOCK = 8


class SimdTail(Corruption):
    """The tail × ½, where there are a block and a tail."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        tail = x_bar.size % BLOCK
        if tail == 0 or x_bar.size < BLOCK:
            return x_bar
        return np.where(shown(x_bar.shape, *range(x_bar.size - tail, x_bar.size)), 0.5 * x_bar, x_bar)
