"""Wrong only for an input that is not contiguous."""

from __future__ import annotations

from oracle.faults.corruption import Call, Corruption, scattered
from reference.op import Array


class NoncontiguousInput(Corruption):
    """× ½ where the input does not lie in memory entry by entry."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return 0.5 * x_bar if scattered(call.inputs[place]) else x_bar
