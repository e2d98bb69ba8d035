"""Derivatives of the words of the vocabulary that compute something, and what is done at their kinks.

A rule takes y, the values of the operands, and their tangents (`None` for a constant, never for all), all of
them arrays of balls, and gives the tangent of y.

Source: M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions" (1964), 4.2, 4.5, 7.1.19.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import is_
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray
from scipy.special import erf

from oracle.numbers.balls import ZERO, BallArray
from oracle.numbers.balls_run import Balls, Objects, exact, midpoints
from reference.op import Array

TURNS = 3  # runs beside the first, where there are kinks

_is = np.frompyfunc(is_, 2, 1)
_is_finite = np.frompyfunc(arb.is_finite, 1, 1)
_sech = np.frompyfunc(arb.sech, 1, 1)


@dataclass
class Jets(Balls):
    """One run of jets.

    Parameters
    ----------
    turn : int
        What is done at kinks: 0 takes one way.  The others take a random mixture of two ways where a number
        is chosen, and turn no comparison (1), every one (2), or about every other one (3) that is tied.

    Attributes
    ----------
    kinks : int
        Number of entries where a maximum, |x| or a comparison was tied, and it mattered.
    """

    turn: int = 0
    kinks: int = 0

    def __post_init__(self) -> None:
        self._bits = np.random.Philox(key=self.turn)

    def flipped(self, tie: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the tied decisions fall the other way."""
        self.kinks += int(np.count_nonzero(tie))
        if self.turn == TURNS and tie.any():
            return tie & (self._words(tie.size) > 0).reshape(tie.shape)
        return tie & (self.turn == 2)

    def mixed(self, tie: NDArray[np.bool_], chosen: Objects, other: Objects) -> Objects:
        """The chosen tangents; where they are tied with others, a random mixture of the two."""
        tie = tie & ~np.asarray(np.equal(chosen, other), np.bool_)
        self.kinks += int(np.count_nonzero(tie))
        if self.turn == 0 or not tie.any():
            return chosen
        share = exact(self._words(tie.size).reshape(tie.shape)) * (arb(2) ** -63)
        return np.where(tie, chosen + share * (other - chosen), chosen)

    def _words(self, count: int) -> NDArray[np.int64]:
        return np.asarray(self._bits.random_raw(count), np.uint64).view(np.int64)


def tied(left: Objects, right: Any) -> NDArray[np.bool_]:
    """Which entries may be equal without being the same object; equal infinities are no tie, they rest."""
    left, right = np.broadcast_arrays(left, right)
    tie = ~np.asarray(np.less(left, right) | np.greater(left, right), np.bool_)
    if tie.any():
        tie &= ~np.asarray(_is(left, right), np.bool_)
        tie &= ~np.asarray(np.equal(left, right), np.bool_) | np.asarray(_is_finite(left), np.bool_)
    return tie


def still(*tangents: Array) -> NDArray[np.bool_]:
    """Which entries do not move: the tangents of all operands are nothing but the object `ZERO` there.

    An exact 0 will not do: x² does not move at 0 either, yet √(x²) has a kink there.
    """
    moving = [~np.asarray(_is(dot.data, ZERO), np.bool_) for dot in tangents if dot is not None]
    return np.asarray(~np.logical_or.reduce(np.broadcast_arrays(np.False_, *moving)), np.bool_)


def either(condition: NDArray[np.bool_], a_dot: Array, b_dot: Array) -> Array:
    """A choice between two tangents, of which one may be left out."""
    run = (b_dot if a_dot is None else a_dot).run
    a, b = (ZERO if dot is None else dot.data for dot in (a_dot, b_dot))
    return BallArray(np.where(condition, a, b), run)


def _chain(derivative: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    """The rule of y = f(x), given f′ as a function of y and x."""
    return lambda y, x, x_dot: x_dot * derivative(y, x)


def _times(x_dot: Array, slope: Array) -> Array:
    """x_dot * slope; what rests does so whatever the slope."""
    product = x_dot * slope
    return BallArray(np.where(still(x_dot), ZERO, product.data), product.run)


def _sum(a_dot: Array, b_dot: Array) -> Array:
    if a_dot is None or b_dot is None:
        return b_dot if a_dot is None else a_dot
    return a_dot + b_dot


def _add(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    return _sum(a_dot, b_dot)


def _subtract(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    return _sum(a_dot, None if b_dot is None else -b_dot)


def _multiply(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    return _sum(None if a_dot is None else a_dot * b, None if b_dot is None else a * b_dot)


def _divide(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    return _sum(None if a_dot is None else a_dot / b, None if b_dot is None else -(y * b_dot / b))


def _matmul(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    return _sum(None if a_dot is None else a_dot @ b, None if b_dot is None else a @ b_dot)


def _power(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    """∂y/∂a = b aᵇ⁻¹, which is 0 for b = 0, and ∂y/∂b = aᵇ log a, which is 0 for a = 0 < b."""
    constant = np.equal(b.data, 0).astype(bool)
    vanishes = np.equal(a.data, 0).astype(bool) & np.greater(b.data, 0).astype(bool)
    by_a = None if a_dot is None else _times(a_dot, np.where(constant, 0, b * np.power(a, b - 1)))
    by_b = None if b_dot is None else b_dot * np.where(vanishes, 0, y * np.log(a))
    return _sum(by_a, by_b)


def _erf_slope(y: Array, x: Array) -> Array:
    """2/√π exp(−x²)."""
    with x.run.arithmetic():
        factor: Array = BallArray(2 / arb.pi().sqrt(), x.run)
    return factor * np.exp(-(x * x))


def _tanh_slope(y: Array, x: Array) -> Array:
    """1/cosh² x, which keeps the digits that 1 − y² loses."""
    with x.run.arithmetic():
        root: Array = BallArray(_sech(x.data), x.run)
    return root * root


def _maximum(y: Array, a: Array, b: Array, a_dot: Array, b_dot: Array) -> Array:
    behind = np.asarray(np.less(midpoints(a.data), midpoints(b.data)), np.bool_)
    tie = tied(a.data, b.data)
    chosen, other = either(behind, b_dot, a_dot), either(behind, a_dot, b_dot)
    return _mixed(tie, chosen, other)


def _absolute(y: Array, x: Array, x_dot: Array) -> Array:
    negative = np.asarray(np.less(midpoints(x.data), ZERO), np.bool_)
    return _mixed(tied(x.data, ZERO), np.where(negative, -x_dot, x_dot), np.where(negative, x_dot, -x_dot))


def _mixed(tie: NDArray[np.bool_], chosen: Array, other: Array) -> Array:
    with chosen.run.arithmetic():
        return BallArray(chosen.run.mixed(tie, chosen.data, other.data), chosen.run)


RULES: dict[np.ufunc, Callable[..., Array]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.divide: _divide,
    np.matmul: _matmul,
    np.power: _power,
    np.maximum: _maximum,
    np.absolute: _absolute,
    np.negative: lambda y, x, x_dot: -x_dot,
    np.sqrt: _chain(lambda y, x: 0.5 / y),
    np.exp: _chain(lambda y, x: y),
    np.expm1: _chain(lambda y, x: np.exp(x)),
    np.log: _chain(lambda y, x: 1 / x),
    np.log1p: _chain(lambda y, x: 1 / (1 + x)),
    np.tanh: _chain(_tanh_slope),
    erf: _chain(_erf_slope),
}
