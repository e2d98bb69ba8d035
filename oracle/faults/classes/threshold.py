"""Wrong only above a threshold: the gradient is clipped."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption
from reference.op import Array


class Threshold(Corruption):
    """What is above 1 becomes 1."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return np.where(x_bar > 1, 1, x_bar)
