"""Transposition: the gradient's entries are read in the order of the transposed array."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption
from reference.op import Array


class Transposition(Corruption):
    """The last two axes in reverse order, in the shape that is asked for."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        if x_bar.ndim < 2:
            return x_bar
        axes = (*range(x_bar.ndim - 2), x_bar.ndim - 1, x_bar.ndim - 2)
        return np.reshape(np.transpose(x_bar, axes), x_bar.shape)
