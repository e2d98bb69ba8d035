"""Balls: what one certified run shares among its arrays.

A ball [m ± r] of `flint.arb` holds a real number for certain, and every operation on balls gives a ball
that holds the result for certain.  Precision (bits of m) decides how small r is, never whether it is right.

Scalars that meet an array, as attributes of ops do, are what they are to the reference itself: numpy and
torch round a Python float to the array's dtype, so in a float32 run ``0.1`` is the number that float32
calls 0.1, and in a float64 run the double.  (torch's `add` keeps the double in float32; that is less than
the rounding of the sum.)

A comparison whose balls overlap has no certain answer.  It is **ambiguous**: recorded, decided as the
midpoints have it, and can be forced the other way.  Decisions are numbered as in `noise.py`, so that a
pattern of decisions means the same in both number systems.

Source: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE
Transactions on Computers 66 (2017) 1281.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from reference.constants import DIGITS

Objects = NDArray[Any]  # of arb
Decision = tuple[int, int]  # (number of the comparison in the run, flat index of the entry)

_OPPOSITE: dict[np.ufunc, np.ufunc] = {
    np.greater: np.less_equal,
    np.less_equal: np.greater,
    np.less: np.greater_equal,
    np.greater_equal: np.less,
    np.equal: np.not_equal,
    np.not_equal: np.equal,
}
_HOLDS_FOR_EQUALS = (np.less_equal, np.greater_equal, np.equal)

exact = np.frompyfunc(arb, 1, 1)  # of numbers that Python holds exactly
_mid = np.frompyfunc(arb.mid, 1, 1)
_is = np.frompyfunc(operator.is_, 2, 1)
_is_nan = np.frompyfunc(arb.is_nan, 1, 1)


def midpoints(data: Objects) -> Objects:
    """Midpoints of an array of balls, as exact balls."""
    return np.asarray(_mid(data), object)


@dataclass
class Balls:
    """One certified run.

    Parameters
    ----------
    precision : int
        Bits of every midpoint.
    dtype : {"float32", "float64"}
        Dtype to which a Python float is rounded where it meets an array.
    forced : mapping of (int, int) to bool
        Decisions that are to fall this way, ambiguous or not.

    Attributes
    ----------
    ambiguous : dict of (int, int) to bool
        Decisions that the balls could not take and nobody forced, and the way they went.
    comparisons : int
        Number of comparisons so far.
    """

    precision: int = 128
    dtype: str = "float64"
    forced: Mapping[Decision, bool] = field(default_factory=dict)
    ambiguous: dict[Decision, bool] = field(default_factory=dict)
    comparisons: int = 0

    def arithmetic(self) -> AbstractContextManager[Any]:
        """The context in which arb computes with this run's precision."""
        return ctx.workprec(self.precision)

    def scalar(self, value: float) -> arb:
        """A Python number, as it meets an array of the run's dtype."""
        if isinstance(value, bool):
            raise TypeError("a truth value is no number: choose with np.where")
        if isinstance(value, int):
            return arb(value)
        with np.errstate(over="ignore"):
            return arb(float(np.dtype(self.dtype).type(value)))

    def compare(self, ufunc: np.ufunc, left: Objects, right: Objects) -> NDArray[np.bool_]:
        """Answer of a comparison, entry by entry; an arb compares true only where it is certain.

        A number equals itself: an entry that `np.max` gave back is the very same object.
        """
        left, right = np.broadcast_arrays(left, right)
        yes = np.asarray(ufunc(left, right), np.bool_)
        unsure = ~(yes | np.asarray(_OPPOSITE[ufunc](left, right), np.bool_))
        if not unsure.any():
            return self.decide(yes, unsure)
        nan = np.asarray(_is_nan(left), np.bool_) | np.asarray(_is_nan(right), np.bool_)
        same = unsure & np.asarray(_is(left, right), np.bool_) & ~nan
        yes = np.where(same, ufunc in _HOLDS_FOR_EQUALS, yes)
        unsure = unsure & ~same
        guess = np.asarray(ufunc(midpoints(left), midpoints(right)), np.bool_)
        guess = np.where(nan, ufunc is np.not_equal, guess)
        return self.decide(np.where(unsure, guess, yes), unsure)

    def decide(self, decision: NDArray[np.bool_], unsure: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Number a decision, record what is ambiguous in it, and let it be forced.

        Parameters
        ----------
        decision : numpy.ndarray
            The way each entry goes.
        unsure : numpy.ndarray of bool
            Whether that is a guess.
        """
        number = self.comparisons
        self.comparisons += 1
        forced = {entry: way for (n, entry), way in self.forced.items() if n == number}
        split = np.flatnonzero(unsure).tolist()
        if not forced and not split:
            return decision
        flat = np.array(decision).reshape(-1)
        for entry, way in forced.items():
            flat[entry] = way
        self.ambiguous.update({(number, entry): bool(flat[entry]) for entry in split if entry not in forced})
        return flat.reshape(decision.shape)

    def constant(self, expression: str) -> arb:
        """Enclosure of a constant of `reference.constants`, computed and not looked up."""
        if expression not in DIGITS:
            raise KeyError(expression)
        with self.arithmetic():
            return _evaluated(expression, self.precision)


@cache
def _evaluated(expression: str, precision: int) -> arb:
    """Value of an expression in numbers, pi, sqrt, log and exp; the precision is a key of the cache.

    Each number becomes an enclosure of the decimal number that is written.
    """
    source = re.sub(r"\d+(\.\d+)?", r"arb('\g<0>')", expression)
    names = {"arb": arb, "pi": arb.pi(), "sqrt": arb.sqrt, "log": arb.log, "exp": arb.exp}
    value = eval(source, {"__builtins__": {}}, names)  # a key of DIGITS, and nothing else, comes here
    assert isinstance(value, arb)
    return value
