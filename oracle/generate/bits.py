"""Random decisions that are the same everywhere.

All randomness of a case comes from the raw 64-bit words of one Philox generator, seeded through
`SeedSequence` by (seed, generator version, dtype, index).  Both streams are fixed by numpy's
compatibility policy, whereas the distributions of `numpy.random.Generator` may change from one
release to the next: so they are not used.

Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); numpy NEP 19.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.random import Philox, SeedSequence
from numpy.typing import NDArray

T = TypeVar("T")
_BLOCK = 64


class Bits:
    """A stream of random words, and decisions made from them.

    Parameters
    ----------
    *entropy : int
        Non-negative integers that name the stream.
    """

    def __init__(self, *entropy: int) -> None:
        self._philox = Philox(SeedSequence(entropy))
        self._words: list[int] = []

    def words(self, count: int) -> NDArray[np.uint64]:
        """The next `count` raw words."""
        return self._philox.random_raw(count)

    def below(self, n: int) -> int:
        """Integer in 0 … n − 1, n ≤ 2³² (uniform to 2⁻³²)."""
        if not self._words:
            self._words = self._philox.random_raw(_BLOCK).tolist()
        return (self._words.pop() * n) >> 64

    def between(self, low: int, high: int) -> int:
        """Integer in low … high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` cases of a hundred."""
        return self.below(100) < percent

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`, each equally likely."""
        return options[self.below(len(options))]

    def weighted(self, weights: dict[str, int]) -> str:
        """One of the keys, in proportion to its weight."""
        ticket = self.below(sum(weights.values()))
        for key, weight in weights.items():
            ticket -= weight
            if ticket < 0:
                return key
        raise AssertionError("weights add up to nothing")

    def size(self, low: int, high: int) -> int:
        """Size in low … high, about log-uniform: each power of two is equally likely."""
        shift = self.between(low.bit_length() - 1, high.bit_length() - 1)
        return min(max(self.between(1 << shift, (2 << shift) - 1), low), high)
