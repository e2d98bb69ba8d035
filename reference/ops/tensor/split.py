"""Pieces of an axis by their lengths; `_pieces.py` holds the derivation.

Differentiable everywhere.

Source: torch.split; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference.op import Lengths
from reference.ops.tensor._pieces import Pieces, equal_lengths


@dataclass(frozen=True)
class Split(Pieces):
    """Pieces of x along the axis `dim`.

    `split_size_or_sections` is the length of each, which leaves a shorter last one where it does not divide
    the axis, or the tuple of all lengths.
    """

    split_size_or_sections: int | tuple[int, ...] = 1

    def fits(self, n: int) -> bool:
        wanted = self.split_size_or_sections
        if isinstance(wanted, tuple):
            return len(wanted) > 0 and sum(wanted) == n and min(wanted) >= 0
        return wanted > 0 or wanted == n == 0

    def lengths(self, n: int) -> Lengths:
        wanted = self.split_size_or_sections
        return wanted if isinstance(wanted, tuple) else equal_lengths(n, wanted)
