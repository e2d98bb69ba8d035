"""The last row is left out, as by a loop that ends too early."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption, shown
from reference.op import Array


class LastRow(Corruption):
    """The last slice along the first axis is 0, where there are several."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        if x_bar.ndim == 0 or x_bar.shape[0] < 2:
            return x_bar
        row = x_bar.size // x_bar.shape[0]
        return np.where(shown(x_bar.shape, *range(x_bar.size - row, x_bar.size)), 0, x_bar)
