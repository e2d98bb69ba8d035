"""A lost tied weight: of a parameter that several nodes share, one use is forgotten."""

from __future__ import annotations

import numpy as np

from oracle.faults.network import OfNetwork
from reference.architecture import Architecture
from reference.op import Array, op_class


class LostTiedWeight(OfNetwork):
    """The op's share in a tied parameter is 0."""

    def concerns(self, op: str) -> bool:
        """Ops that learn a weight; an embedding's is drawn as any wire, and hardly ever a parameter."""
        cls = op_class(op)
        return "weight" in cls.signature().names and "weight" not in cls.kinds and op != "embedding"

    def meant(self, network: Architecture, wire: str) -> bool:
        """See `OfNetwork`."""
        return wire in network.leaves and network.leaves[wire].kind == "parameter"

    def share(self, x_bar: Array) -> Array:
        """See `OfNetwork`."""
        return np.zeros_like(x_bar)
