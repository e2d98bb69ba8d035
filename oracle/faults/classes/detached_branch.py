"""A detached branch: no gradient flows to the first input."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption
from reference.op import Array


class DetachedBranch(Corruption):
    """The first input that has a gradient gets 0."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return np.zeros_like(x_bar) if place == call.first else x_bar
