"""So many pieces of an axis, or fewer; `_pieces.py` holds the derivation.

All pieces have the length ⌈n / chunks⌉ but the last one, which may be shorter.  So six entries in four
chunks are three pieces of two.  An axis without entries gives all the pieces, empty ones.

Differentiable everywhere.

Source: torch.chunk; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

from reference.op import Lengths
from reference.ops.tensor._pieces import Pieces, equal_lengths


@dataclass(frozen=True)
class Chunk(Pieces):
    """At most `chunks` pieces of x along the axis `dim`."""

    chunks: int = 1

    def fits(self, n: int) -> bool:
        return self.chunks > 0

    def lengths(self, n: int) -> Lengths:
        return equal_lengths(n, -(-n // self.chunks)) if n > 0 else repeat(0, self.chunks)
