"""Rounding noise: what one run of stochastic arithmetic shares among its arrays.

Rows of an array are replicates: row 0 is computed without noise, `independent` rows draw their noise,
and in `hashed` rows it is a function of the value (to the precision of the dtype, below which two values
would be one), so that equal computations round equally (equal rows, tied weights), which independent
noise gets wrong.

A comparison whose margin is within `STRADDLES` times its spread is a **straddled decision**: another
algorithm may well decide it the other way.  All rows follow row 0, so that the spread never mixes two
branches; the decision is recorded, and can be forced the other way.

Source: D. Knuth, "The Art of Computer Programming", vol. 3, §6.4 (multiplicative hashing); for the rest
see `stochastic.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Decision = tuple[int, int]  # (number of the comparison in the run, flat index of the entry)

UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
SMALLEST = {"float32": 2.0**-149, "float64": 2.0**-1074}


POOL = 2**18
STRADDLES = 16.0  # as the rule's bound on an entry
SMALL = 2.0**30  # times the smallest subnormal: what is smaller may have lost digits that count


@cache
def _pool() -> Floats:
    """Numbers uniform on (−1, 1): drawing anew for every small operation would cost more than all else."""
    words = np.random.SFC64(20).random_raw(POOL)
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-52 - 1


@dataclass
class Noise:
    """The noise of one run, shared by all its arrays.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Arithmetic whose rounding is imitated.
    independent, hashed : int
        Number of rows of either sort.
    seed : int
        Seed of the noise.
    magnification : float
        Multiplies the noise; the spread has to be divided by it.
    forced : mapping of (int, int) to bool
        Straddled decisions that are to fall this way.

    Attributes
    ----------
    straddled : dict of (int, int) to bool
        Decisions whose margin is within the spread, and the way they went.
    """

    dtype: str
    independent: int
    hashed: int
    seed: int = 0
    magnification: float = 1.0
    forced: Mapping[Decision, bool] = field(default_factory=dict)
    straddled: dict[Decision, bool] = field(default_factory=dict)
    _comparisons: int = 0

    def __post_init__(self) -> None:
        self.unit = UNIT[self.dtype] * self.magnification
        self.smallest = SMALLEST[self.dtype] * self.magnification
        self._position = self.seed * 7919
        self._stream = np.random.Generator(np.random.SFC64(self.seed))
        self._dropped = np.uint64(round(math.log2(self.unit)) + 53)  # bits that the dtype has not
        self._half = np.uint64(1) << self._dropped >> np.uint64(1)
        multipliers = np.random.SFC64(self.seed + 1).random_raw(self.hashed)
        self._multipliers = np.asarray(multipliers, np.uint64) | np.uint64(1)

    @property
    def rows(self) -> int:
        """Rows of an array that has been perturbed, row 0 included."""
        return 1 + self.independent + self.hashed

    def scale(self, data: Floats, c: float, lost: NDArray[np.bool_] | None = None) -> Floats:
        """Perturb the result of an operation: by 1 + c u ξ, and by what underflow may cost.

        Entries that are `lost` are 0 because they underflowed.
        """
        return self.underflow(self.perturb(data, c), lost=lost)

    def perturb(self, data: Floats, c: float) -> Floats:
        """Multiply all rows but the first by 1 + c u ξ; `data` is fresh and may be written to."""
        data = self._spread_out(data)
        middle = 1 + self.independent
        for rows, noise in (
            (data[1:middle], (c * self.unit) * self._draw(data.shape[1:])),
            (data[middle:], self._hash(data[middle:], c * self.unit)),
        ):
            noise += 1
            rows *= noise
        return data

    def shift(self, data: Floats, amplitude: Floats) -> Floats:
        """Add amplitude · ξ to all rows but the first.

        Parameters
        ----------
        data : numpy.ndarray
            Fresh array of 1 or `rows` rows; may be written to.
        amplitude : numpy.ndarray
            Broadcasts with `data`; where it is not finite there is no noise.
        """
        data = self._spread_out(data)
        if amplitude.size and not amplitude.max() < np.inf:
            amplitude = np.where(amplitude < np.inf, amplitude, 0.0)
        middle = 1 + self.independent
        first, last = (
            (amplitude, amplitude) if len(amplitude) == 1 else (amplitude[1:middle], amplitude[middle:])
        )
        data[1:middle] += first * self._draw(data.shape[1:])
        data[middle:] += last * self._hash(data[middle:], 1.0)
        return data

    def quantized(self, data: Floats) -> NDArray[np.uint64]:
        """The bits of each value that the dtype holds: equal for values that it cannot tell apart."""
        bits = np.ascontiguousarray(data).view(np.uint64) + self._half
        bits >>= self._dropped
        return bits

    def _spread_out(self, data: Floats) -> Floats:
        """One row of an exact array, repeated for all replicates."""
        if len(data) > 1:
            return data
        rows = np.empty((self.rows, *data.shape[1:]))
        rows[:] = data
        return rows

    def _draw(self, shape: tuple[int, ...]) -> Floats:
        """Independent numbers on (−1, 1), for all independent rows.

        They are the next stretch of a fixed pool, unless so many are needed that two operations, or two
        rows, would share them.
        """
        shape = (self.independent, *shape)
        count = math.prod(shape)
        if count > POOL // 4:
            return np.asarray(self._stream.random(shape) * 2 - 1)
        start = self._position % (POOL - count)
        self._position = start + count
        return _pool()[start : start + count].reshape(shape)

    def _hash(self, data: Floats, amplitude: float) -> Floats:
        """Numbers on ±amplitude that are a function of the row and of the value as the dtype holds it.

        Multiplicative hashing: the top bits of a product with an odd constant depend on all bits.
        """
        bits = self.quantized(data)
        bits *= self._multipliers.reshape(-1, *(1,) * (data.ndim - 1))
        return np.asarray(bits.view(np.int64) * (amplitude * 2.0**-63), np.float64)

    def underflows(self, data: Floats) -> bool:
        """Whether a result is so small, but not zero, that underflow may have cost it digits."""
        return bool(self._small(np.abs(data[:1])).any())

    def _small(self, magnitude: Floats) -> NDArray[np.bool_]:
        """Which magnitudes are near the smallest subnormal, and not zero."""
        return np.asarray((magnitude < SMALL * self.smallest) & (magnitude > 0))

    def underflow(self, data: Floats, terms: int = 1, lost: NDArray[np.bool_] | None = None) -> Floats:
        """Add ± √terms times the smallest subnormal to what is small but not zero, or `lost`.

        Each of the products in a contraction over so many terms may underflow; sums never do, inexactly.
        """
        magnitude = np.abs(data[:1])
        if magnitude.size == 0 or magnitude.min() >= SMALL * self.smallest:
            return data
        small = self._small(magnitude)
        if lost is not None:
            small |= lost
        if small.any():
            amplitude = self.smallest * math.sqrt(terms)
            middle = 1 + self.independent
            data[1:middle] += small * amplitude * self._draw(data.shape[1:])
            data[middle:] += small * self._hash(data[middle:], amplitude)
        return data

    def decide(
        self, decision: NDArray[np.bool_], margin: Floats, axis: int | None = None
    ) -> NDArray[np.bool_]:
        """A comparison's one answer for all rows: that of row 0, unless it is straddled and forced.

        Parameters
        ----------
        decision : numpy.ndarray
            The answer of row 0.
        margin : numpy.ndarray
            In all rows, by how much the two sides differ.
        axis : int, optional
            Of a contest, the axis along which entries compete: the margin of the winner is 0, and where a
            rival's place is straddled, so is the winner's own.
        """
        number = self._comparisons
        self._comparisons += 1
        if len(margin) == 1:
            return decision
        off = margin[1:] - margin[0]
        deviation = np.sqrt(np.mean(off**2, axis=0))
        if not deviation.all():  # squares underflow where the entries do not
            deviation = np.where(deviation == 0, np.max(np.abs(off), axis=0), deviation)
        near = (np.abs(margin[0]) * self.magnification <= STRADDLES * deviation) & (deviation > 0)
        if axis is not None:
            near |= (margin[0] == 0) & np.any(near, axis=axis, keepdims=True)
        split = np.flatnonzero(near)
        if split.size:
            decision = decision.copy()
            flat = decision.reshape(-1)
            for entry in split.tolist():
                flat[entry] = self.forced.get((number, entry), flat[entry])
                self.straddled[number, entry] = bool(flat[entry])
        return decision
