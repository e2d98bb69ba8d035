"""Certified numbers: an array of balls that runs the unchanged `forward` and `vjp` of the reference.

A `BallArray` is no ndarray: whatever would turn it into floats without a word (`float`, `bool`, assignment
into a float array, …) raises.  Values enter exactly, matrix products run through `arb_mat`, all other
operations entry by entry on an array of objects.

- **Where nothing is lost**, entries stay the same objects: indexing, reshaping, `np.max` and `np.maximum`
  where it is certain which entry is the largest.  An entry therefore equals the maximum that it is.
- **Maxima of overlapping balls** are enclosed without a decision; a comparison is a decision, and
  `balls_run.py` says what becomes of it where the balls overlap.
- **What is not finite**: infinities enter and go through as in IEEE arithmetic where the limit is clear
  (exp(−∞) = 0, max).  1/0, log 0, 0·∞ and whatever lies partly outside of a domain are NaN, and a NaN stays
  one: such an entry is undecided.  There is no −0.

Source: see `balls_run.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray
from scipy.special import erf

from oracle.numbers.balls_products import matrix_products
from oracle.numbers.balls_run import Balls, Objects, exact, midpoints

ZERO: Any = arb(0)


def balls(values: NDArray[Any], run: Balls) -> BallArray:
    """Exact balls of a float32, float64 or integer array."""
    values = np.asarray(values)
    if values.dtype.kind not in "iuf":  # and of a long double arb itself will have nothing
        raise TypeError(f"balls take float32, float64 or integers, not {values.dtype}")
    return BallArray(exact(values), run)


class BallArray:
    """An array of balls; see the module's docstring.

    Parameters
    ----------
    data : numpy.ndarray of flint.arb, or flint.arb
        The balls.
    run : Balls
        The run that the array belongs to.
    """

    __slots__ = ("data", "run")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: Any, run: Balls) -> None:
        self.data: Objects = np.asarray(data, object)
        self.run = run

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of entries along every axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.data.size

    @property
    def T(self) -> BallArray:
        """All axes reversed."""
        return BallArray(self.data.T, self.run)

    @property
    def mT(self) -> BallArray:
        """The last two axes exchanged."""
        return BallArray(self.data.mT, self.run)

    def __getitem__(self, key: Any) -> BallArray:
        return BallArray(self.data[key], self.run)

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        raise TypeError("a BallArray would lose its radii; the op left the vocabulary")

    def __bool__(self) -> bool:
        raise TypeError("a BallArray has no truth value; compare, and choose with np.where")

    def __constant__(self, expression: str) -> BallArray:
        return BallArray(self.run.constant(expression), self.run)

    def __scatter_add__(self, indices: NDArray[np.int64], size: int, axis: int) -> BallArray:
        before, after = self.shape[:axis], self.shape[axis + indices.ndim :]
        rows = self.data.reshape(math.prod(before), indices.size, math.prod(after))
        total = np.full((rows.shape[0], size, rows.shape[2]), ZERO, object)
        with self.run.arithmetic():
            for position, place in enumerate(indices.reshape(-1).tolist()):
                total[:, place] += rows[:, position]
        return BallArray(total.reshape(*before, size, *after), self.run)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        rule = _UFUNCS.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        with self.run.arithmetic():
            return rule(self.run, ufunc, *(entries(self.run, operand) for operand in inputs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = _FUNCTIONS.get(function)
        if rule is None:
            return NotImplemented
        with self.run.arithmetic():
            return rule(self.run, *args, **kwargs)

    def __neg__(self) -> Any:
        return np.negative(self)

    def __abs__(self) -> Any:
        return np.absolute(self)


OPERATORS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "matmul": np.matmul,
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}


def define_operators(cls: type) -> None:
    """Give a duck array its operators and their reflections.

    There are no in-place forms: `y += b` rebinds y, so that an op may write it on an array of its own.
    """

    def define(name: str, ufunc: np.ufunc) -> None:
        setattr(cls, f"__{name}__", lambda a, b: ufunc(a, b))
        setattr(cls, f"__r{name}__", lambda a, b: ufunc(b, a))

    for name, ufunc in OPERATORS.items():
        define(name, ufunc)


define_operators(BallArray)


def entries(run: Balls, operand: Any) -> Objects:
    """Balls of an operand: an array of balls, a Python number, or plain integers."""
    if isinstance(operand, BallArray):
        return operand.data
    if isinstance(operand, int | float):
        return np.asarray(run.scalar(operand), object)
    if isinstance(operand, np.ndarray | np.generic) and operand.dtype.kind in "iu":
        return np.asarray(exact(operand), object)
    raise TypeError(f"a BallArray does not meet {type(operand).__name__}: only exact numbers may enter")


# --- ufuncs: each takes the run, the ufunc, and the operands' balls -------------------------------


def _plain(run: Balls, ufunc: np.ufunc, *data: Objects) -> BallArray:
    """What an array of objects does by itself: it calls the operator, or the method of that name."""
    return BallArray(ufunc(*data), run)


def _entrywise(function: Callable[..., arb], operands: int) -> Callable[..., BallArray]:
    apply = np.frompyfunc(function, operands, 1)
    return lambda run, _, *data: BallArray(apply(*data), run)


def _larger(x: arb, y: arb) -> arb:
    """The larger of two: the very object where it is certain which.

    Else it is enclosed around the larger midpoint, with the larger radius, so that where equality with it is
    guessed by midpoints, the entry that seems to be the largest is the one.
    """
    if x >= y:
        return x
    if y > x:
        return y
    if not (x.is_finite() and y.is_finite()):
        return x.max(y)
    return arb(max(x.mid(), y.mid()), max(x.rad(), y.rad()))


def _power(x: arb, y: arb) -> arb:
    """xʸ; arb gives NaN for a base around 0, where a whole positive power is monotone on either side."""
    if x.contains(ZERO) and not x.is_exact() and y.is_integer() and y > 0:
        return (x.lower() ** y).union(x.upper() ** y).union(ZERO)
    return x**y


def _compare(run: Balls, ufunc: np.ufunc, left: Objects, right: Objects) -> NDArray[np.bool_]:
    return run.compare(ufunc, left, right)


def _matmul(run: Balls, _: np.ufunc, a: Objects, b: Objects) -> BallArray:
    left = a[np.newaxis] if a.ndim == 1 else a
    right = b[:, np.newaxis] if b.ndim == 1 else b
    drop = tuple(axis for axis, operand in ((-2, a), (-1, b)) if operand.ndim == 1)
    return BallArray(np.squeeze(matrix_products(left, right), drop), run)


# --- functions ------------------------------------------------------------------------------------


def _sum(run: Balls, x: BallArray, axis: Any = None, keepdims: bool = False) -> BallArray:
    return BallArray(np.sum(x.data, axis=axis, keepdims=keepdims, initial=ZERO), run)


def _max(run: Balls, x: BallArray, axis: Any = None, keepdims: bool = False) -> BallArray:
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    largest: Any = x.data
    for number in axes:
        largest = np.frompyfunc(_larger, 2, 1).reduce(largest, axis=number, keepdims=True)
    return BallArray(largest if keepdims else np.squeeze(largest, tuple(axes)), run)


def _argmax(run: Balls, x: BallArray, axis: Any = None, keepdims: bool = False) -> NDArray[np.int64]:
    """Position of the largest midpoint, the first of exact ties.

    Another entry that is not certainly smaller, nor an exact tie, makes ambiguous decisions as in
    `stochastic.py`: whether it and whether the largest passes, and a forced one wins (the first, if several
    are).
    """
    if axis is None:
        flat = _argmax(run, BallArray(x.data.reshape(-1), run), -1)
        return np.reshape(flat, (1,) * x.ndim if keepdims else ())
    winner = np.argmax(midpoints(x.data), axis=axis, keepdims=True)
    largest = np.take_along_axis(x.data, winner, axis=axis)
    behind = np.less(x.data, largest) | np.equal(x.data, largest)
    np.put_along_axis(behind, winner, True, axis)
    unsure = ~np.asarray(behind, np.bool_)
    np.put_along_axis(unsure, winner, np.any(unsure, axis=axis, keepdims=True), axis)
    passes = run.decide(np.zeros(x.shape, np.bool_), unsure)
    found = np.where(np.any(passes, axis, keepdims=True), np.argmax(passes, axis, keepdims=True), winner)
    return np.asarray(found if keepdims else np.squeeze(found, axis))


def _where(run: Balls, condition: NDArray[np.bool_], x: Any, y: Any) -> BallArray:
    return BallArray(np.where(condition, entries(run, x), entries(run, y)), run)


def _concatenate(run: Balls, arrays: Any, axis: int = 0) -> BallArray:
    return BallArray(np.concatenate([entries(run, part) for part in arrays], axis=axis), run)


def _zeros_like(run: Balls, x: BallArray, shape: Any = None) -> BallArray:
    return BallArray(np.full(x.shape if shape is None else shape, ZERO, object), run)


def _moved(function: Callable[..., Any]) -> Callable[..., BallArray]:
    """The rule of a function that moves entries, and computes nothing."""
    return lambda run, x, *args, **options: BallArray(function(x.data, *args, **options), run)


_UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    **dict.fromkeys((np.add, np.subtract, np.multiply, np.divide, np.negative, np.absolute), _plain),
    **dict.fromkeys((np.sqrt, np.exp, np.expm1, np.log, np.log1p, np.tanh), _plain),
    **dict.fromkeys((np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal), _compare),
    erf: _entrywise(arb.erf, 1),
    np.maximum: _entrywise(_larger, 2),
    np.power: _entrywise(_power, 2),
    np.matmul: _matmul,
}
_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: _sum,
    np.max: _max,
    np.argmax: _argmax,
    np.where: _where,
    np.concatenate: _concatenate,
    np.zeros_like: _zeros_like,
    **{
        function: _moved(function)
        for function in (np.reshape, np.transpose, np.broadcast_to, np.take, np.take_along_axis)
    },
}
