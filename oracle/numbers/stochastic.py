"""Stochastic arithmetic: how far may rounding move a result?

A `NoisyArray` is a duck array that runs the unchanged `forward` and `vjp` of the reference.  It
carries many replicates of one array on a hidden leading axis: row 0 is computed without noise, every
other row has each result perturbed as if it had been rounded by another machine.

- Leaves and elementwise results become x (1 + c u ξ), ξ uniform on (−1, 1): c = 1 for a leaf, arithmetic
  and the root, 2 for transcendental functions, 0 for what is exact (signs, maxima, powers of two).
- Contractions are perturbed as `contractions.py` says.
- A sum with the result of a contraction is perturbed as if it were accumulated in the same loop.
- Underflow adds ± the smallest subnormal to whatever is not exactly zero.

For float64 the noise is **magnified** by 2¹⁶ and the spread divided by it again: a perturbation of one
unit in the last place cannot be represented faithfully in float64 itself, and the spread is a
first-order quantity.  See docs/adr/0002.

Source: S. Graillat, J.-P. Lamotte, "Stochastic arithmetic in multiprecision" (2011); D. Sohier et al.,
"Confidence intervals for stochastic arithmetic", arXiv:1807.09655; N. Higham, T. Mary, "A new approach
to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41 (2019) A2815.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.numbers.contractions import product_noise, sum_noise
from oracle.numbers.noise import Floats, Noise
from reference.constants import DIGITS

ARITHMETIC, TRANSCENDENTAL = 1.0, 2.0


def noisy(values: NDArray[Any], noise: Noise) -> NoisyArray:
    """A leaf: perturbed as if it had been rounded once, and exact where a decision is made on it.

    An algorithm that gives the exact result for inputs that differ in the last place is as good as one
    can ask for (backward stability), so the spread has to cover it.  But a comparison on a leaf itself
    has one answer.
    """
    data = np.array(values, np.float64)[np.newaxis]
    return NoisyArray(noise.underflow(noise.scale(data, ARITHMETIC)), noise, exact=True)


def constant(values: NDArray[Any], noise: Noise) -> NoisyArray:
    """An array without noise: one row stands for all."""
    return NoisyArray(np.asarray(values, np.float64)[np.newaxis], noise, exact=True)


class NoisyArray:
    """Replicates of one array, on a hidden leading axis; see the module's docstring.

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
        rule = _UFUNCS.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        return rule(self.noise, ufunc, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = _FUNCTIONS.get(function)
        return NotImplemented if rule is None else rule(self.noise, *args, **kwargs)

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


def _rows(operand: Any, ndim: int) -> Any:
    """Data of an operand, with axes of size 1 put behind the hidden axis to make `ndim` axes."""
    if not isinstance(operand, NoisyArray):
        return operand if np.ndim(operand) == 0 else np.asarray(operand)[np.newaxis]
    data = operand.data
    return (
        data if data.ndim > ndim else data.reshape(len(data), *(1,) * (ndim + 1 - data.ndim), *operand.shape)
    )


def _aligned(*operands: Any) -> list[Any]:
    ndim = max(
        np.ndim(operand) if not isinstance(operand, NoisyArray) else operand.ndim for operand in operands
    )
    return [_rows(operand, ndim) for operand in operands]


def _elementwise(c: float) -> Callable[..., NoisyArray]:
    def rule(noise: Noise, ufunc: np.ufunc, *operands: Any) -> NoisyArray:
        data = ufunc(*_aligned(*operands))
        if c == 0 or (ufunc in (np.multiply, np.divide) and _scales_exactly(ufunc, *operands)):
            return NoisyArray(data, noise, _exact(operands))
        return NoisyArray(noise.scale(data, c), noise)

    return rule


def _exact(operands: Iterable[Any]) -> bool:
    """Whether all operands are exact, so that what is made of them without rounding is, too."""
    return all(operand.exact for operand in operands if isinstance(operand, NoisyArray))


def _scales_exactly(ufunc: np.ufunc, a: Any, b: Any) -> bool:
    """Whether this is 2ᵏ x, x 2ᵏ or x / 2ᵏ, which never rounds."""
    if ufunc is np.multiply and isinstance(b, NoisyArray):
        a, b = b, a
    return isinstance(b, int | float) and b != 0 and abs(math.frexp(b)[0]) == 0.5


def _add(noise: Noise, ufunc: np.ufunc, a: Any, b: Any) -> NoisyArray:
    """A sum, which a kernel may fuse with the contraction that made a summand.

    ``bias + x @ w`` may be accumulated from the bias on: n partial sums are rounded at its magnitude.
    """
    left, right = _aligned(a, b)
    data = ufunc(left, right)
    terms = max(getattr(a, "terms", 0), getattr(b, "terms", 0))
    if terms == 0:
        return NoisyArray(noise.scale(data, ARITHMETIC), noise)
    largest = np.maximum(np.maximum(np.abs(left), np.abs(right)), np.abs(data))
    return NoisyArray(noise.shift(data, largest * (noise.unit * math.sqrt(terms / 3 + 1))), noise)


def _compare(noise: Noise, ufunc: np.ufunc, *operands: Any) -> NDArray[np.bool_]:
    left, right = _aligned(*operands)
    margin = np.subtract(left, right)
    first = np.broadcast_to(np.asarray(ufunc(left, right))[0], margin.shape[1:])
    return noise.decide(first, margin[:1] if _exact(operands) else margin)


def _matmul(noise: Noise, _: np.ufunc, a: Any, b: Any) -> NoisyArray:
    a = a if isinstance(a, NoisyArray) else constant(a, noise)
    b = b if isinstance(b, NoisyArray) else constant(b, noise)
    left = a.data[:, np.newaxis] if a.ndim == 1 else a.data
    right = b.data[..., np.newaxis] if b.ndim == 1 else b.data
    ndim = max(left.ndim, right.ndim) - 1
    left, right = _rows(NoisyArray(left, noise), ndim), _rows(NoisyArray(right, noise), ndim)
    drop = tuple(axis for axis, operand in ((-2, a), (-1, b)) if operand.ndim == 1)
    data = np.matmul(left, right)
    amplitude = product_noise(noise, left[:1], right[:1], data[:1])
    terms = left.shape[-1]
    shifted = noise.shift(np.squeeze(data, drop), np.squeeze(amplitude, drop))
    return NoisyArray(noise.underflow(shifted, terms), noise, terms=terms)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes counted from the back, which the hidden axis does not move."""
    if axis is None:
        return tuple(range(-ndim, 0))
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple(number - ndim if number >= 0 else number for number in given)


def _sum(noise: Noise, x: NoisyArray, axis: Any = None, keepdims: bool = False) -> NoisyArray:
    axes = _axes(axis, x.ndim)
    data = np.sum(x.data, axis=axes, keepdims=keepdims)
    return NoisyArray(noise.shift(data, sum_noise(noise, x.data[:1], axes, data[:1])), noise)


def _max(noise: Noise, x: NoisyArray, axis: Any = None, keepdims: bool = False) -> NoisyArray:
    return NoisyArray(np.max(x.data, axis=_axes(axis, x.ndim), keepdims=keepdims), noise, x.exact)


def _where(noise: Noise, condition: NDArray[np.bool_], x: Any, y: Any) -> NoisyArray:
    return NoisyArray(np.where(*_aligned(condition, x, y)), noise, _exact((x, y)))


def _reshape(noise: Noise, x: NoisyArray, shape: Any) -> NoisyArray:
    shape = shape if isinstance(shape, tuple) else (shape,)
    return NoisyArray(x.data.reshape(len(x.data), *shape), noise, x.exact)


def _concatenate(noise: Noise, arrays: Any, axis: int = 0) -> NoisyArray:
    parts = [part if isinstance(part, NoisyArray) else constant(part, noise) for part in arrays]
    rows = max(len(part.data) for part in parts)
    data = [np.broadcast_to(part.data, (rows, *part.shape)) for part in parts]
    return NoisyArray(np.concatenate(data, axis=_axes(axis, parts[0].ndim)[0]), noise, _exact(parts))


def _broadcast_to(noise: Noise, x: NoisyArray, shape: tuple[int, ...]) -> NoisyArray:
    return NoisyArray(np.broadcast_to(_rows(x, len(shape)), (len(x.data), *shape)), noise, x.exact)


def _take_along_axis(noise: Noise, x: NoisyArray, indices: NDArray[np.int64], axis: int) -> NoisyArray:
    return NoisyArray(np.take_along_axis(x.data, indices[np.newaxis], _axes(axis, x.ndim)[0]), noise, x.exact)


def _zeros_like(noise: Noise, x: NoisyArray, shape: Any = None) -> NoisyArray:
    return constant(np.zeros(x.shape if shape is None else shape), noise)


_EXACT, _ROUNDED, _SLOPPY = _elementwise(0), _elementwise(ARITHMETIC), _elementwise(TRANSCENDENTAL)
_UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    **dict.fromkeys((np.negative, np.absolute, np.maximum, np.minimum), _EXACT),
    **dict.fromkeys((np.subtract, np.multiply, np.divide, np.sqrt), _ROUNDED),
    **dict.fromkeys((np.exp, np.log, np.log1p, np.tanh), _SLOPPY),
    **dict.fromkeys((np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal), _compare),
    np.add: _add,
    np.matmul: _matmul,
}
_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: _sum,
    np.max: _max,
    np.where: _where,
    np.reshape: _reshape,
    np.concatenate: _concatenate,
    np.broadcast_to: _broadcast_to,
    np.take_along_axis: _take_along_axis,
    np.zeros_like: _zeros_like,
}
