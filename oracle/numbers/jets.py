"""Jets: pairs of a value and a tangent over balls, which differentiate a forward pass by running it.

A `JetArray` knows the derivatives of the few words of the vocabulary and no rule of the reference, so what
comes out, a certified directional derivative, is a witness against every `vjp`, which is never called.

- **Ties.**  Where a maximum, |x| or a comparison is tied (exactly, or as far as balls can tell), the
  function may have no derivative.  Such a kink is counted and one way is taken; further runs (`Jets.turn`)
  take others, and mixtures with random weights.  Where all of them give the same, the choice does not
  matter, as in the shift by the maximum in softmax; where they do not, there is no derivative and no
  witness.
- **An entry that is its own maximum** is no tie: it is the same object (see `balls.py`).
- **What does not move**, or is not chosen by `where`, has the tangent `ZERO`, that very object, and stays at
  rest whatever the slope, be it infinite or NaN.

Source: R. Wengert, "A simple automatic derivative evaluation program", CACM 7 (1964) 463, for the pairs;
A. Griewank, A. Walther, "Evaluating Derivatives" (2008), §14, for kinks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.numbers.balls import ZERO, BallArray, define_operators, entries
from oracle.numbers.balls_run import Objects, exact, midpoints
from oracle.numbers.jets_rules import RULES, Jets, either, still, tied
from reference.op import Array
from reference.scatter import scatter_add


class JetArray:
    """An array of jets; see the module's docstring.

    Parameters
    ----------
    value : BallArray
        The values; their run is an instance of `Jets`.
    tangent : BallArray, optional
        The derivatives along the direction, of the same shape; left out for what is constant.
    """

    __slots__ = ("tangent", "value")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: BallArray, tangent: BallArray | None = None) -> None:
        self.value = value
        self.tangent = tangent

    @property
    def run(self) -> Jets:
        """The run that the array belongs to."""
        assert isinstance(self.value.run, Jets)
        return self.value.run

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of entries along every axis."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.value.size

    @property
    def T(self) -> JetArray:
        """All axes reversed."""
        return self._both(lambda x: x.T)

    @property
    def mT(self) -> JetArray:
        """The last two axes exchanged."""
        return self._both(lambda x: x.mT)

    def _both(self, function: Callable[[Array], Array]) -> JetArray:
        """A linear function of value and tangent."""
        return JetArray(function(self.value), None if self.tangent is None else function(self.tangent))

    def slowed(self, numerator: NDArray[Any], denominator: NDArray[Any]) -> JetArray:
        """The same values, which move by a factor of what they did; where it is 0, they rest."""
        if self.tangent is None:
            return self
        with self.run.arithmetic():
            slower = self.tangent.data * exact(numerator) / exact(denominator)
        return JetArray(self.value, BallArray(np.where(numerator == 0, ZERO, slower), self.run))

    def __getitem__(self, key: Any) -> JetArray:
        return self._both(lambda x: x[key])

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        raise TypeError("a JetArray would lose its tangent; the op left the vocabulary")

    def __bool__(self) -> bool:
        raise TypeError("a JetArray has no truth value; compare, and choose with np.where")

    def __constant__(self, expression: str) -> JetArray:
        return JetArray(self.value.__constant__(expression))

    def __scatter_add__(self, indices: NDArray[np.int64], size: int, axis: int) -> JetArray:
        return self._both(lambda x: scatter_add(x, indices, size, axis))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        if ufunc in _COMPARISONS:
            return _compare(self.run, ufunc, *inputs)
        if ufunc not in RULES:
            return NotImplemented
        values = [_value(self.run, operand) for operand in inputs]
        tangents = [_tangent(operand) for operand in inputs]
        y = ufunc(*values)
        if all(tangent is None for tangent in tangents):
            return JetArray(y)
        tangent = _spread(RULES[ufunc](y, *values, *tangents), y)
        rests = False if ufunc is np.matmul else still(*tangents)
        return JetArray(
            y, BallArray(np.where(rests, ZERO, tangent.data), y.run) if np.any(rests) else tangent
        )

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = _FUNCTIONS.get(function)
        return NotImplemented if rule is None else rule(*args, **kwargs)

    def __neg__(self) -> Any:
        return np.negative(self)

    def __abs__(self) -> Any:
        return np.absolute(self)


define_operators(JetArray)


def _value(run: Jets, operand: Any) -> BallArray:
    return operand.value if isinstance(operand, JetArray) else BallArray(entries(run, operand), run)


def _tangent(operand: Any) -> BallArray | None:
    return operand.tangent if isinstance(operand, JetArray) else None


def _spread(tangent: Array, y: BallArray) -> Array:
    return tangent if tangent.shape == y.shape else np.broadcast_to(tangent, y.shape)


def _compare(run: Jets, ufunc: np.ufunc, *operands: Any) -> NDArray[np.bool_]:
    left, right = (_value(run, operand).data for operand in operands)
    answer = run.compare(ufunc, left, right)
    return answer ^ run.flipped(tied(left, right) & ~still(*(_tangent(operand) for operand in operands)))


# --- functions ---------------------------------------------------------------------------------------


def _max(x: JetArray, axis: Any = None, keepdims: bool = False) -> JetArray:
    y: Array = np.max(x.value, axis=axis, keepdims=keepdims)
    if x.tangent is None:
        return JetArray(y)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    values, tangents = (_rows(array.data, axes) for array in (x.value, x.tangent))
    winner = np.argmax(midpoints(values), axis=-1, keepdims=True)
    rival = _rival(values, tangents, winner, -1)
    chosen, other = (np.take_along_axis(tangents, place, axis=-1) for place in (winner, rival))
    with x.run.arithmetic():
        tangent = x.run.mixed(rival != winner, chosen, other)
    return JetArray(y, BallArray(tangent.reshape(y.shape), x.run))


def _rows(data: Objects, axes: tuple[int, ...]) -> Objects:
    """The entries along `axes` in rows, on the last axis."""
    moved = np.moveaxis(data, axes, range(-len(axes), 0))
    kept = moved.shape[: data.ndim - len(axes)]
    return moved.reshape(*kept, math.prod(moved.shape[len(kept) :]))


def _argmax(x: JetArray, axis: Any = None, keepdims: bool = False) -> NDArray[np.int64]:
    if axis is None:
        flat = _argmax(x._both(lambda array: np.reshape(array, (x.size,))), -1)
        return np.reshape(flat, (1,) * x.ndim if keepdims else ())
    winner: NDArray[np.int64] = np.argmax(x.value, axis=axis, keepdims=True)
    if x.tangent is not None:
        rival = _rival(x.value.data, x.tangent.data, winner, axis)
        winner = np.where(x.run.flipped(rival != winner), rival, winner)
    return np.asarray(winner if keepdims else np.squeeze(winner, axis))


def _rival(values: Objects, tangents: Objects, winner: NDArray[Any], axis: int) -> NDArray[Any]:
    """The last position that ties with the winner and moves differently; the winner where there is none."""
    value, tangent = (np.take_along_axis(data, winner, axis) for data in (values, tangents))
    rivals = tied(values, value)
    if rivals.any():
        rivals &= ~np.asarray(np.equal(tangents, tangent), np.bool_)
    last = values.shape[axis] - 1 - np.argmax(np.flip(rivals, axis), axis=axis, keepdims=True)
    return np.where(np.any(rivals, axis, keepdims=True), last, winner)


def _where(condition: NDArray[np.bool_], x: Any, y: Any) -> JetArray:
    run = (x if isinstance(x, JetArray) else y).run
    value: Array = np.where(condition, _value(run, x), _value(run, y))
    x_dot, y_dot = _tangent(x), _tangent(y)
    constant = x_dot is None and y_dot is None
    return JetArray(value) if constant else JetArray(value, _spread(either(condition, x_dot, y_dot), value))


def _concatenate(arrays: Any, axis: int = 0) -> JetArray:
    value: Array = np.concatenate([part.value for part in arrays], axis=axis)
    if all(part.tangent is None for part in arrays):
        return JetArray(value)
    dots: list[Array] = [
        np.zeros_like(part.value) if part.tangent is None else part.tangent for part in arrays
    ]
    tangent: Array = np.concatenate(dots, axis=axis)
    return JetArray(value, tangent)


def _zeros_like(x: JetArray, shape: Any = None) -> JetArray:
    zeros: Array = np.zeros_like(x.value, shape=shape)
    return JetArray(zeros)


def _on_both(function: Callable[..., Any]) -> Callable[..., JetArray]:
    """The rule of a linear function."""
    return lambda x, *args, **options: x._both(lambda array: function(array, *args, **options))


_COMPARISONS = frozenset((np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal))
_LINEAR = (np.sum, np.reshape, np.transpose, np.broadcast_to, np.take, np.take_along_axis)
_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.max: _max,
    np.argmax: _argmax,
    np.where: _where,
    np.concatenate: _concatenate,
    np.zeros_like: _zeros_like,
    **{function: _on_both(function) for function in _LINEAR},
}
