"""Wrong only at size 1: an axis of one entry is taken for one that was broadcast."""

from __future__ import annotations

from oracle.faults.corruption import Call, Corruption
from reference.op import Array


class SizeOne(Corruption):
    """× 2 where an axis has size 1."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return 2 * x_bar if 1 in x_bar.shape else x_bar
