"""Accumulated twice: a share in a wire that feeds several nodes counts double."""

from __future__ import annotations

from oracle.faults.network import OfNetwork
from reference.op import Array


class AccumulatedTwice(OfNetwork):
    """The op's share × 2."""

    def share(self, x_bar: Array) -> Array:
        """See `OfNetwork`."""
        return 2 * x_bar
