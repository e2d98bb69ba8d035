"""Wrong only for a cotangent that is not contiguous."""

from __future__ import annotations

from oracle.faults.corruption import Call, Corruption, scattered
from reference.op import Array


class NoncontiguousCotangent(Corruption):
    """× ½ where a cotangent does not lie in memory entry by entry."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return 0.5 * x_bar if any(map(scattered, call.cotangents)) else x_bar
