"""Overwritten: a share in a wire that feeds several nodes is lost to the next one."""

from __future__ import annotations

import numpy as np

from oracle.faults.network import OfNetwork
from reference.op import Array


class Overwritten(OfNetwork):
    """The op's share is 0."""

    def share(self, x_bar: Array) -> Array:
        """See `OfNetwork`."""
        return np.zeros_like(x_bar)
