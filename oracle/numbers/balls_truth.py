"""The gradient as certified enclosures: the reference on balls, with as many bits as it takes.

Precision is doubled until every tensor's radius meets the **radius goal**: 2⁻⁸⁰ of the tensor's largest
midpoint.  A tensor all of whose balls hold 0 has no scale of its own (a bias before a normalisation: its
gradient is 0 by cancellation, which no ball can prove); its radius has to be below 2⁻¹⁶⁰ of the largest
number among the tensors of its role: outputs and the leaves that they are made of, or gradients and the
cotangents that they are made of.  A product of small factors keeps its digits and never gets there.  A
radius below 2⁻⁸⁰ of the smallest float64 is always small enough: no float shows the difference.

Doubling ends early where it settles nothing more: a hidden exact tie stays ambiguous at every precision,
and what is not finite stays so.  The certificate then says what is open, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.numbers.balls import BallArray, balls
from oracle.numbers.balls_run import Balls, Decision, Objects
from reference.architecture import Architecture
from reference.backprop import gradients

Floats = NDArray[np.float64]
FIRST, LIMIT = 128, 2048  # bits
GOAL_BITS = 80
GOAL = arb(2) ** -GOAL_BITS
GOAL_AROUND_ZERO = arb(2) ** -160
UNSEEN = arb(2) ** -1154

_is_finite = np.frompyfunc(arb.is_finite, 1, 1)
_overlaps = np.frompyfunc(arb.overlaps, 2, 1)
_contains = np.frompyfunc(arb.contains, 2, 1)
_float = np.frompyfunc(float, 1, 1)  # of a midpoint, correctly rounded


@dataclass(frozen=True, eq=False)
class Enclosure:
    """A certified tensor.

    Parameters
    ----------
    data : numpy.ndarray of flint.arb
        A ball for each entry.
    precision : int
        Bits with which it was computed.
    """

    data: Objects
    precision: int

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Which entries are finite, midpoint and radius; nothing is known of the others."""
        return np.asarray(_is_finite(self.data), np.bool_)

    @cached_property
    def is_zero(self) -> bool:
        """Whether every entry is proved to be exactly 0."""
        return all(ball.is_zero() for ball in self.data.flat)

    @cached_property
    def may_be_zero(self) -> bool:
        """Whether 0 lies in the ball of every finite entry."""
        return all(ball.contains(0) for ball in self.data.flat if ball.is_finite())

    @cached_property
    def high(self) -> Floats:
        """Midpoints, correctly rounded to float64."""
        return np.asarray(_float(self.data), np.float64)

    @cached_property
    def low(self) -> Floats:
        """What `high` leaves of the midpoints, so that ``high + low`` has 106 bits."""
        return np.asarray(_float(self._rest(self.high)), np.float64)

    @cached_property
    def gap(self) -> Floats:
        """Upper bounds of |value − (high + low)|, exactly added."""
        return _upper(self._rest(self.high, self.low))

    @cached_property
    def radius(self) -> Floats:
        """Upper bounds of the radii."""
        return _upper(np.frompyfunc(arb.rad, 1, 1)(self.data))

    def largest(self) -> arb:
        """Largest |midpoint| of the finite entries."""
        return max((abs(ball.mid()) for ball in self.data.flat if ball.is_finite()), default=arb(0))

    def widest(self) -> arb:
        """Largest radius of the finite entries."""
        return max((ball.rad() for ball in self.data.flat if ball.is_finite()), default=arb(0))

    def distance(self, x: NDArray[Any]) -> Floats:
        """Upper bounds of |value − x|, entry by entry.

        Parameters
        ----------
        x : numpy.ndarray
            Of float32 or float64.

        Returns
        -------
        numpy.ndarray
            Never below the distance, and above it by the gap and at most 2⁻⁴⁹ of it.  NaN or infinite where
            `x` or the enclosure is not finite.
        """
        with np.errstate(all="ignore"):
            # `high` is the float next to the midpoint, so |high − x| is at most twice the distance: both
            # roundings together are below 2⁻⁵¹ of it.
            off = np.abs((self.high - np.asarray(x, np.float64)) + self.low)
            bound = (off + self.gap) * (1 + 2.0**-50)
            return np.where((off == 0) & (self.gap == 0), 0.0, np.nextafter(bound, np.inf))

    def contains(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        """Which entries of a float array the balls hold."""
        return np.asarray(_contains(self.data, np.asarray(x, np.float64)), np.bool_)

    def overlaps(self, other: Enclosure) -> NDArray[np.bool_]:
        """Which balls have a number in common with those of another enclosure of the same shape."""
        return np.asarray(_overlaps(self.data, other.data), np.bool_)

    def shown(self, entry: tuple[int, ...] = (), digits: int = 25) -> str:
        """One entry as a decimal number, of which all digits but the last are certain, and its error."""
        return str(self.data[entry].str(digits))

    def _rest(self, *parts: Floats) -> Objects:
        """The balls without some floats; NaN where a float is not finite."""
        rest = np.frompyfunc(_minus, 1 + len(parts), 1)
        with Balls(max(self.precision, FIRST)).arithmetic():
            return np.asarray(rest(self.data, *parts), object)


def _minus(ball: arb, *parts: float) -> arb:
    for part in parts:
        ball = ball - part
    return ball


def _upper(x: Any) -> Floats:
    """The next float above each |ball|; 0 for 0, infinite for what is not finite."""
    return np.asarray(np.frompyfunc(_above, 1, 1)(x), np.float64)


def _above(ball: arb) -> float:
    if not ball.is_finite():
        return float("inf")
    return 0.0 if ball.is_zero() else float(np.nextafter(float(ball.abs_upper()), np.inf))


@dataclass(frozen=True, eq=False)
class Certificate:
    """What the reference computes, for certain.

    Attributes
    ----------
    outputs, gradients : dict of str to Enclosure
        By wire and by leaf.
    precision : int
        Bits that were enough, or the last that were tried.
    ambiguous : dict of (int, int) to bool
        Decisions that stayed ambiguous, and the way they went; see `Balls`.
    wide : tuple of str
        Tensors whose radius misses the goal.
    reason : str
        What is open, in one line; empty where everything is settled.
    """

    outputs: dict[str, Enclosure]
    gradients: dict[str, Enclosure]
    precision: int
    ambiguous: dict[Decision, bool]
    wide: tuple[str, ...]

    @cached_property
    def unknown(self) -> int:
        """Number of entries that are not finite."""
        tensors = (*self.outputs.values(), *self.gradients.values())
        return sum(int(np.count_nonzero(~tensor.finite)) for tensor in tensors)

    @property
    def reason(self) -> str:
        """What is open, in one line; empty where everything is settled."""
        parts = []
        if self.wide:
            parts.append(f"the radius of {', '.join(self.wide)} misses the goal")
        if self.unknown:
            parts.append(f"{self.unknown} entries are not finite")
        if self.ambiguous:
            parts.append(f"{len(self.ambiguous)} decisions are ambiguous")
        return f"at {self.precision} bits {', '.join(parts)}" if parts else ""


def certified(
    architecture: Architecture,
    leaves: Mapping[str, NDArray[Any]],
    cotangents: Mapping[str, NDArray[Any]],
    dtype: str = "float64",
    forced: Mapping[Decision, bool] | None = None,
    limit: int = LIMIT,
) -> Certificate:
    """Enclose all outputs and gradients of the reference.

    Parameters
    ----------
    architecture : Architecture
        The network.
    leaves, cotangents : mapping of str to numpy.ndarray
        Values by leaf and by output; they enter exactly.
    dtype : {"float32", "float64"}
        Dtype of the case: that to which attributes are rounded.
    forced : mapping of (int, int) to bool, optional
        Decisions that are to fall this way.
    limit : int
        Bits beyond which precision is not doubled.

    Returns
    -------
    Certificate
        With an empty reason where all radii meet the goal, all is finite, and no decision is ambiguous.
    """
    precision, before = FIRST, None
    while True:
        run = Balls(precision, dtype, forced or {})
        found = _certificate(run, architecture, leaves, cotangents)
        if not found.reason or 2 * precision > limit:
            return found
        still_open = found.unknown, found.ambiguous.keys()
        if not found.wide and still_open == before:
            return found
        precision, before = 2 * precision, still_open


def _certificate(
    run: Balls,
    architecture: Architecture,
    leaves: Mapping[str, NDArray[Any]],
    cotangents: Mapping[str, NDArray[Any]],
) -> Certificate:
    values = {name: balls(array, run) if array.dtype.kind == "f" else array for name, array in leaves.items()}
    y_bar = {name: balls(array, run) for name, array in cotangents.items()}
    outputs, grads = (_enclosures(arrays) for arrays in gradients(architecture, values, y_bar))
    wide = (*_wide(outputs, _enclosures(values)), *_wide(grads, _enclosures(y_bar)))
    return Certificate(outputs, grads, run.precision, run.ambiguous, wide)


def _enclosures(arrays: Mapping[str, Any]) -> dict[str, Enclosure]:
    """The arrays of balls among `arrays`."""
    return {
        name: Enclosure(array.data, array.run.precision)
        for name, array in arrays.items()
        if isinstance(array, BallArray)
    }


def _wide(tensors: Mapping[str, Enclosure], sources: Mapping[str, Enclosure]) -> list[str]:
    """Tensors whose radius misses the goal, given what else has their scale."""
    return [
        name
        for name, tensor in tensors.items()
        if (radius := _doubtful(tensor)) is not None
        and not radius <= max(_goal(tensor, tensors, sources), UNSEEN)
    ]


def _doubtful(tensor: Enclosure) -> arb | None:
    """Largest radius of the finite balls that is above `GOAL` of their own midpoint; None where none is."""
    balls = [ball for ball in tensor.data.reshape(-1).tolist() if ball.rel_accuracy_bits() < GOAL_BITS]
    return max((ball.rad() for ball in balls if ball.is_finite()), default=None)


def _goal(tensor: Enclosure, tensors: Mapping[str, Enclosure], sources: Mapping[str, Enclosure]) -> arb:
    if not tensor.may_be_zero:
        return GOAL * tensor.largest()
    return GOAL_AROUND_ZERO * max(each.largest() for each in (*tensors.values(), *sources.values()))
