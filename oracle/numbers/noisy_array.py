"""The duck array of stochastic arithmetic: replicates of one array on a hidden leading axis.

What its functions do to the replicates is written in `stochastic.py`, which enters them into `UFUNCS`
and `FUNCTIONS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.numbers.noise import Floats, Noise
from reference.constants import DIGITS
from reference.scatter import scatter_add

ARITHMETIC, TRANSCENDENTAL = 1.0, 2.0
UFUNCS: dict[np.ufunc, Callable[..., Any]] = {}
FUNCTIONS: dict[Any, Callable[..., Any]] = {}


class NoisyArray:
    """Replicates of one array, on a hidden leading axis; see `stochastic.py`.

    Parameters
    ----------
    data : numpy.ndarray
        One row (exact) or `noise.rows` rows, each of the array's shape.
    noise : Noise
        The run that the array belongs to.
    exact : bool
        Whether row 0 is known exactly: a leaf, or made of leaves without rounding.
    terms : int
        For the direct result of a contraction, over how many terms.
    """

    __slots__ = ("data", "exact", "noise", "terms")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: Floats, noise: Noise, exact: bool = False, terms: int = 0) -> None:
        self.data = data
        self.noise = noise
        self.exact = exact
        self.terms = terms

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape without the hidden axis."""
        return self.data.shape[1:]

    @property
    def ndim(self) -> int:
        """Number of axes without the hidden one."""
        return self.data.ndim - 1

    @property
    def size(self) -> int:
        """Number of entries of one replicate."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype whose rounding is imitated."""
        return np.dtype(self.noise.dtype)

    @property
    def T(self) -> NoisyArray:
        """All axes reversed."""
        return NoisyArray(self.data.transpose(0, *range(self.ndim, 0, -1)), self.noise, self.exact)

    @property
    def mT(self) -> NoisyArray:
        """The last two axes exchanged."""
        return NoisyArray(self.data.mT, self.noise, self.exact)

    def __getitem__(self, key: Any) -> NoisyArray:
        key = key if isinstance(key, tuple) else (key,)
        return NoisyArray(self.data[(slice(None), *key)], self.noise, self.exact)

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        raise TypeError("a NoisyArray would lose its replicates; the op left the vocabulary")

    def __bool__(self) -> bool:
        raise TypeError("a NoisyArray has no truth value; compare, and choose with np.where")

    def __constant__(self, expression: str) -> NoisyArray:
        value = np.full((1,), float(DIGITS[expression]))
        return NoisyArray(self.noise.scale(value, ARITHMETIC), self.noise)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        rule = UFUNCS.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        return rule(self.noise, ufunc, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = FUNCTIONS.get(function)
        return NotImplemented if rule is None else rule(self.noise, *args, **kwargs)

    def __scatter_add__(self, indices: NDArray[np.int64], size: int, axis: int) -> Any:
        return FUNCTIONS[scatter_add](self.noise, self, indices, size, axis)

    def __neg__(self) -> Any:
        return np.negative(self)

    def __abs__(self) -> Any:
        return np.absolute(self)


def _define(name: str, ufunc: np.ufunc) -> None:
    """Define an operator and its reflection.

    There are no in-place forms: `y += b` rebinds y, so that an op may write it on an array of its own.
    """
    setattr(NoisyArray, f"__{name}__", lambda a, b: ufunc(a, b))
    setattr(NoisyArray, f"__r{name}__", lambda a, b: ufunc(b, a))


_define("add", np.add)
_define("sub", np.subtract)
_define("mul", np.multiply)
_define("truediv", np.divide)
_define("matmul", np.matmul)
_define("gt", np.greater)
_define("ge", np.greater_equal)
_define("lt", np.less)
_define("le", np.less_equal)
_define("eq", np.equal)
_define("ne", np.not_equal)


def rows(operand: Any, ndim: int) -> Any:
    """Data of an operand, with axes of size 1 put behind the hidden axis to make `ndim` axes."""
    if not isinstance(operand, NoisyArray):
        return np.asarray(operand)[np.newaxis] if _ndim(operand) else operand
    data = operand.data
    if data.ndim > ndim:
        return data
    return data.reshape(len(data), *(1,) * (ndim + 1 - data.ndim), *data.shape[1:])


def aligned(*operands: Any) -> list[Any]:
    """Data of all operands, with the hidden axes on top of each other."""
    ndim = max([_ndim(operand) for operand in operands])
    return [rows(operand, ndim) for operand in operands]


def _ndim(operand: Any) -> int:
    """Number of axes without the hidden one; a Python number has none."""
    return getattr(operand, "ndim", 0)


def axes_from_back(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes counted from the back, which the hidden axis does not move."""
    if axis is None:
        return tuple(range(-ndim, 0))
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple(number - ndim if number >= 0 else number for number in given)
