"""Rounding noise: what one run of stochastic arithmetic shares among its arrays.

Rows of an array are replicates: row 0 is computed without noise, `independent` rows draw their noise,
and in `hashed` rows it is a function of the value (to the precision of the dtype, below which two values
would be one), so that equal computations round equally (equal rows, tied weights), which independent
noise gets wrong.

A comparison on which the rows disagree is a **straddled decision**.  All rows follow row 0, so that
the spread never mixes two branches; the decision is recorded, and can be forced the other way.

Source: the hash is the finaliser of MurmurHash3 (A. Appleby, 2011); for the rest see `stochastic.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Decision = tuple[int, int]  # (number of the comparison in the run, flat index of the entry)

UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
SMALLEST = {"float32": 2.0**-149, "float64": 2.0**-1074}
MAGNIFICATION = {"float32": 1.0, "float64": 2.0**16}


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
    forced : mapping of (int, int) to bool
        Straddled decisions that are to fall this way.

    Attributes
    ----------
    straddled : dict of (int, int) to bool
        Decisions on which the rows disagreed, and the way they went.
    """

    dtype: str
    independent: int
    hashed: int
    seed: int = 0
    forced: Mapping[Decision, bool] = field(default_factory=dict)
    straddled: dict[Decision, bool] = field(default_factory=dict)
    _comparisons: int = 0

    def __post_init__(self) -> None:
        self.unit = UNIT[self.dtype] * MAGNIFICATION[self.dtype]
        self.smallest = SMALLEST[self.dtype] * MAGNIFICATION[self.dtype]
        self._dropped = np.uint64(round(math.log2(self.unit)) + 53)  # bits that the dtype has not
        self._half = np.uint64(1) << self._dropped >> np.uint64(1)
        self._stream = np.random.Generator(np.random.SFC64(self.seed))
        salts = np.random.SFC64(self.seed + 1).random_raw(self.hashed)
        self._salts = np.asarray(salts, np.uint64)

    @property
    def rows(self) -> int:
        """Rows of an array that has been perturbed, row 0 included."""
        return 1 + self.independent + self.hashed

    def perturb(self, data: Floats, amplitude: Floats) -> Floats:
        """Add noise of this amplitude, uniform, to all rows of `data` but the first.

        Parameters
        ----------
        data : numpy.ndarray
            Fresh array of 1 or `rows` rows; written to.
        amplitude : numpy.ndarray
            Broadcasts with `data`; ≥ 0.
        """
        if len(data) == 1:
            data = np.repeat(data, self.rows, axis=0)
        if amplitude.size and not amplitude.max() < np.inf:  # ∞ and NaN stay what they are
            amplitude = np.where(amplitude < np.inf, amplitude, 0.0)
        if amplitude.size and amplitude.min() < 2**20 * self.smallest:
            amplitude = amplitude + self.smallest * (data[:1] != 0)
        middle = 1 + self.independent
        per_row = (lambda rows: amplitude[rows]) if len(amplitude) > 1 else (lambda rows: amplitude)
        noise = self._stream.random((self.independent, *data.shape[1:]), np.float32) * 2 - 1
        data[1:middle] += noise * per_row(slice(1, middle))
        data[middle:] += self._hash(data[middle:]) * per_row(slice(middle, None))
        return data

    def quantized(self, data: Floats) -> NDArray[np.uint64]:
        """The bits of each value that the dtype holds: equal for values that it cannot tell apart."""
        return (np.ascontiguousarray(data).view(np.uint64) + self._half) >> self._dropped

    def _hash(self, data: Floats) -> Floats:
        """Numbers on (−1, 1) that are a function of the row and of the value as the dtype would hold it."""
        bits = self.quantized(data)
        bits ^= self._salts.reshape(-1, *(1,) * (data.ndim - 1))
        bits ^= bits >> np.uint64(33)
        bits *= np.uint64(0xFF51AFD7ED558CCD)
        bits ^= bits >> np.uint64(33)
        bits *= np.uint64(0xC4CEB9FE1A85EC53)
        return (bits >> np.uint64(12)).astype(np.int64) * 2.0**-51 - 1

    def decide(self, answers: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The rows' answers to a comparison as one answer: that of row 0, unless forced."""
        number = self._comparisons
        self._comparisons += 1
        decision = answers[0]
        if len(answers) == 1:
            return decision
        split = np.flatnonzero((answers[1:] != decision).any(axis=0))
        if split.size:
            decision = decision.copy()
            flat = decision.reshape(-1)
            for entry in split.tolist():
                flat[entry] = self.forced.get((number, entry), flat[entry])
                self.straddled[number, entry] = bool(flat[entry])
        return decision
