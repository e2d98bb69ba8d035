"""One wrong entry: that in the middle is half as large again."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption, shown
from reference.op import Array


class WrongEntry(Corruption):
    """One entry × 1.5."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return np.where(shown(x_bar.shape, x_bar.size // 2), 1.5 * x_bar, x_bar) if x_bar.size else x_bar
