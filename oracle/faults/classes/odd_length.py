"""Wrong only at odd lengths: the unpaired entry of the last axis is lost."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption, shown
from reference.op import Array


class OddLength(Corruption):
    """The last entry along the last axis is 0, where there is an odd number of them and more than one."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        n = x_bar.shape[-1] if x_bar.ndim else 0
        if n % 2 == 0 or n == 1:
            return x_bar
        return np.where(shown(x_bar.shape, *range(n - 1, x_bar.size, n)), 0, x_bar)
