"""Sign: the gradient points the other way."""

from __future__ import annotations

from oracle.faults.corruption import Call, Corruption
from reference.op import Array


class Sign(Corruption):
    """x̄ ↦ −x̄."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return -x_bar
