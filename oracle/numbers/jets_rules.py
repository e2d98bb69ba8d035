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
from oracle.numbers.balls_run import Balls, Objects, midpoints
from reference.op import Array

_is = np.frompyfunc(is_, 2, 1)
_is_finite = np.frompyfunc(arb.is_finite, 1, 1)
_sech = np.frompyfunc(arb.sech, 1, 1)


@dataclass
class Jets(Balls):
    """One run of jets.

    Parameters
    ----------
    other_way : bool
        Whether kinks are taken the other way.

    Attributes
    ----------
    kinks : int
        Number of entries where a maximum, |x| or a comparison was tied.
    """

    other_way: bool = False
    kinks: int = 0

    def turned(self, decision: NDArray[np.bool_], left: Objects, right: Any) -> NDArray[np.bool_]:
        """The decision between two sides, or, the other way, its opposite where they are tied."""
        return decision ^ (self.tied(left, right) & self.other_way)

    def tied(self, left: Objects, right: Any) -> NDArray[np.bool_]:
        """Which entries may be equal without being the same object; they are counted.

        Equal infinities do not move, and are no tie.
        """
        left, right = np.broadcast_arrays(left, right)
        tie = ~np.asarray(np.less(left, right) | np.greater(left, right), np.bool_)
        if tie.any():
            tie &= ~np.asarray(_is(left, right), np.bool_)
            tie &= ~np.asarray(np.equal(left, right), np.bool_) | np.asarray(_is_finite(left), np.bool_)
            self.kinks += int(np.count_nonzero(tie))
        return tie


def jets(x: BallArray) -> Jets:
    """The run of an array of values or tangents."""
    assert isinstance(x.run, Jets)
    return x.run


def either(condition: NDArray[np.bool_], a_dot: Array, b_dot: Array) -> Array:
    """A choice between two tangents."""
    return np.where(condition, 0 if a_dot is None else a_dot, 0 if b_dot is None else b_dot)


def _chain(derivative: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    """The rule of y = f(x), given f′ as a function of y and x."""
    return lambda y, x, x_dot: x_dot * derivative(y, x)


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
    by_a = None if a_dot is None else a_dot * np.where(constant, 0, b * np.power(a, b - 1))
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


def _maximum(y: BallArray, a: BallArray, b: BallArray, a_dot: Array, b_dot: Array) -> Array:
    behind = np.asarray(np.less(midpoints(a.data), midpoints(b.data)), np.bool_)
    return either(jets(y).turned(behind, a.data, b.data), b_dot, a_dot)


def _absolute(y: BallArray, x: BallArray, x_dot: Array) -> Array:
    negative = np.asarray(np.less(midpoints(x.data), ZERO), np.bool_)
    return np.where(jets(y).turned(negative, x.data, ZERO), -x_dot, x_dot)


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
