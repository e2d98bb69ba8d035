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
from scipy.special import erf

from oracle.numbers.contractions import product_noise, scatter_noise, sum_noise
from oracle.numbers.noise import Floats, Noise
from oracle.numbers.noisy_array import (
    ARITHMETIC,
    FUNCTIONS,
    TRANSCENDENTAL,
    UFUNCS,
    NoisyArray,
    aligned,
    axes_from_back,
    rows,
)
from reference.scatter import destinations, scatter_add

__all__ = ["NoisyArray", "constant", "noisy"]

WHOLE = 2.0**24  # whole numbers up to here are exact in every dtype


def noisy(values: NDArray[Any], noise: Noise) -> NoisyArray:
    """A leaf: perturbed as if it had been rounded once, and exact where a decision is made on it.

    An algorithm that gives the exact result for inputs that differ in the last place is as good as one
    can ask for (backward stability), so the spread has to cover it.  But a comparison on a leaf itself
    has one answer, and a small leaf has not underflowed: it would become 0, where others have a pole.
    """
    return NoisyArray(noise.perturb(np.array(values, np.float64)[np.newaxis], ARITHMETIC), noise, exact=True)


def constant(values: NDArray[Any], noise: Noise) -> NoisyArray:
    """An array without noise: one row stands for all."""
    return NoisyArray(np.asarray(values, np.float64)[np.newaxis], noise, exact=True)


def _elementwise(c: float) -> Callable[..., NoisyArray]:
    def rule(noise: Noise, ufunc: np.ufunc, *operands: Any) -> NoisyArray:
        rows = aligned(*operands)
        data = ufunc(*rows)
        if c == 0:
            return NoisyArray(data, noise, _exact(operands))
        lost = _lost(ufunc, data, rows)
        factor = _power_of_two(ufunc, *operands) if ufunc in (np.multiply, np.divide) else 0.0
        if factor and lost is None and not (factor < 1 and noise.underflows(data)):
            return NoisyArray(data, noise, _exact(operands))
        return NoisyArray(noise.scale(data, 0.0 if factor else c, lost), noise)

    return rule


def _lost(ufunc: np.ufunc, data: Floats, rows: list[Any]) -> NDArray[np.bool_] | None:
    """Which products and quotients are 0 because they underflowed; None where none is.

    The true value has a sign, which decides what comes after, and the 0 has none.
    """
    if ufunc not in (np.multiply, np.divide) or data[0].all():
        return None
    lost: NDArray[np.bool_] = data[:1] == 0
    for operand in rows:
        first = operand if np.ndim(operand) == 0 else operand[:1]
        lost = lost & (first != 0) & np.isfinite(first)
    return lost if lost.any() else None


def _exact(operands: Iterable[Any]) -> bool:
    """Whether all operands are exact, so that what is made of them without rounding is, too."""
    return all(operand.exact for operand in operands if isinstance(operand, NoisyArray))


def _power_of_two(ufunc: np.ufunc, a: Any, b: Any) -> float:
    """The magnitude of the factor where this is 2ᵏ x, x 2ᵏ or x / 2ᵏ, which only underflow rounds; else 0."""
    if ufunc is np.multiply and isinstance(b, NoisyArray):
        a, b = b, a
    if not isinstance(b, int | float) or b == 0 or abs(math.frexp(b)[0]) != 0.5:
        return 0.0
    return abs(b) if ufunc is np.multiply else 1 / abs(b)


def _add(noise: Noise, ufunc: np.ufunc, a: Any, b: Any) -> NoisyArray:
    """A sum, which a kernel may fuse with the contraction that made a summand.

    ``bias + x @ w`` may be accumulated from the bias on: n partial sums are rounded at its magnitude.
    """
    left, right = aligned(a, b)
    data = ufunc(left, right)
    terms = max(getattr(a, "terms", 0), getattr(b, "terms", 0))
    if terms == 0:
        return NoisyArray(noise.scale(data, ARITHMETIC), noise)
    largest = np.maximum(np.maximum(np.abs(left), np.abs(right)), np.abs(data))
    return NoisyArray(noise.shift(data, largest * (noise.unit * math.sqrt(terms / 3 + 1))), noise)


def _power(noise: Noise, _: np.ufunc, base: Any, exponent: Any) -> NoisyArray:
    """A power.

    Sign and NaN are decided by row 0: a perturbed whole number is none, but powers of b < 0 do not end there.
    """
    b, e = aligned(base, _number(noise, exponent))
    data = np.power(np.abs(b), e)
    first = np.power(_first(b), _first(e))
    data = np.where(np.isnan(first), first, np.copysign(data, first))
    return NoisyArray(noise.scale(data, TRANSCENDENTAL), noise)


def _number(noise: Noise, value: Any) -> Any:
    """A Python number that becomes an entry, or an exponent, is rounded to the dtype if that has it not."""
    if isinstance(value, float) and math.isfinite(value):
        with np.errstate(over="ignore", under="ignore"):
            rounded = float(np.asarray(value, noise.dtype))
        if rounded != value:
            return noisy(np.asarray(value), noise)
    return value


def _first(rows: Any) -> Any:
    return rows if np.ndim(rows) == 0 else rows[:1]


def _compare(noise: Noise, ufunc: np.ufunc, *operands: Any) -> NDArray[np.bool_]:
    left, right = aligned(*operands)
    margin = np.subtract(left, right)
    first = np.broadcast_to(np.asarray(ufunc(left, right))[0], margin.shape[1:])
    return noise.decide(first, margin[:1] if _exact(operands) else margin)


def _matmul(noise: Noise, _: np.ufunc, a: Any, b: Any) -> NoisyArray:
    a = a if isinstance(a, NoisyArray) else constant(a, noise)
    b = b if isinstance(b, NoisyArray) else constant(b, noise)
    left = a.data[:, np.newaxis] if a.ndim == 1 else a.data
    right = b.data[..., np.newaxis] if b.ndim == 1 else b.data
    ndim = max(left.ndim, right.ndim) - 1
    left, right = rows(NoisyArray(left, noise), ndim), rows(NoisyArray(right, noise), ndim)
    drop = tuple(axis for axis, operand in ((-2, a), (-1, b)) if operand.ndim == 1)
    data = np.matmul(left, right)
    amplitude = product_noise(noise, left[:1], right[:1], data[:1])
    terms = left.shape[-1]
    data = noise.underflow(noise.shift(data, amplitude), terms)
    return NoisyArray(np.squeeze(data, drop) if drop else data, noise, terms=terms)


def _sum(noise: Noise, x: NoisyArray, axis: Any = None, keepdims: bool = False) -> NoisyArray:
    axes = axes_from_back(axis, x.ndim)
    data = np.sum(x.data, axis=axes, keepdims=keepdims)
    if x.exact and len(x.data) == 1 and _counts(x.data):
        return NoisyArray(data, noise, exact=True)
    return NoisyArray(noise.shift(data, sum_noise(noise, x.data[:1], axes, data[:1])), noise)


def _counts(data: Floats) -> bool:
    """Whether these are whole numbers that add up without rounding, in every dtype."""
    return bool(np.all(data == np.rint(data))) and float(np.sum(np.abs(data))) <= WHOLE


def _max(noise: Noise, x: NoisyArray, axis: Any = None, keepdims: bool = False) -> NoisyArray:
    return NoisyArray(np.max(x.data, axis=axes_from_back(axis, x.ndim), keepdims=keepdims), noise, x.exact)


def _argmax(noise: Noise, x: NoisyArray, axis: Any = None, keepdims: bool = False) -> NDArray[np.int64]:
    """Index of the largest entry of row 0, for all rows.

    An entry whose margin to it is within the spread might have been the largest: whether it and whether the
    largest one passes are straddled decisions, and one that is forced wins (the first one, if several are).
    Without one the largest entry of row 0 does, so that there is a winner in every pattern.
    """
    if axis is None:
        flat = _argmax(noise, _reshape(noise, x, (x.size,)), -1)
        return np.reshape(flat, (1,) * x.ndim if keepdims else ())
    (axis,) = axes_from_back(axis, x.ndim)
    winner = np.argmax(x.data[0], axis=axis, keepdims=True)
    margin = x.data - np.take_along_axis(x.data, winner[np.newaxis], axis)
    passes = noise.decide(np.zeros(x.shape, bool), margin[:1] if x.exact else margin, axis)
    found = np.where(np.any(passes, axis, keepdims=True), np.argmax(passes, axis, keepdims=True), winner)
    return np.asarray(found if keepdims else np.squeeze(found, axis))


def _where(noise: Noise, condition: NDArray[np.bool_], x: Any, y: Any) -> NoisyArray:
    x, y = _number(noise, x), _number(noise, y)
    return NoisyArray(np.where(*aligned(condition, x, y)), noise, _exact((x, y)))


def _reshape(noise: Noise, x: NoisyArray, shape: Any) -> NoisyArray:
    shape = shape if isinstance(shape, tuple) else (shape,)
    return NoisyArray(x.data.reshape(len(x.data), *shape), noise, x.exact)


def _concatenate(noise: Noise, arrays: Any, axis: int = 0) -> NoisyArray:
    parts = [part if isinstance(part, NoisyArray) else constant(part, noise) for part in arrays]
    rows = max(len(part.data) for part in parts)
    data = [np.broadcast_to(part.data, (rows, *part.shape)) for part in parts]
    return NoisyArray(np.concatenate(data, axis=axes_from_back(axis, parts[0].ndim)[0]), noise, _exact(parts))


def _broadcast_to(noise: Noise, x: NoisyArray, shape: tuple[int, ...]) -> NoisyArray:
    return NoisyArray(np.broadcast_to(rows(x, len(shape)), (len(x.data), *shape)), noise, x.exact)


def _take_along_axis(noise: Noise, x: NoisyArray, indices: NDArray[np.int64], axis: int) -> NoisyArray:
    return NoisyArray(
        np.take_along_axis(x.data, indices[np.newaxis], axes_from_back(axis, x.ndim)[0]), noise, x.exact
    )


def _take(noise: Noise, x: NoisyArray, indices: NDArray[np.int64], axis: int) -> NoisyArray:
    return NoisyArray(np.take(x.data, indices, axes_from_back(axis, x.ndim)[0]), noise, x.exact)


def _transpose(noise: Noise, x: NoisyArray, axes: tuple[int, ...]) -> NoisyArray:
    return NoisyArray(x.data.transpose(0, *(1 + axis % x.ndim for axis in axes)), noise, x.exact)


def _scatter_add(noise: Noise, y: NoisyArray, indices: NDArray[np.int64], size: int, axis: int) -> NoisyArray:
    data = scatter_add(y.data, indices, size, 1 + axis)
    into = destinations(y.shape, indices, size, axis)
    amplitude = scatter_noise(noise, y.data[0].reshape(-1), into, data[0])
    return NoisyArray(noise.shift(data, amplitude[np.newaxis]), noise)


def _zeros_like(noise: Noise, x: NoisyArray, shape: Any = None) -> NoisyArray:
    return constant(np.zeros(x.shape if shape is None else shape), noise)


_EXACT, _ROUNDED, _SLOPPY = _elementwise(0), _elementwise(ARITHMETIC), _elementwise(TRANSCENDENTAL)
for _ufuncs, _rule in (
    ((np.negative, np.absolute, np.maximum, np.minimum), _EXACT),
    ((np.subtract, np.multiply, np.divide, np.sqrt), _ROUNDED),
    ((np.exp, np.expm1, np.log, np.log1p, np.tanh, erf), _SLOPPY),
    ((np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal), _compare),
    ((np.add,), _add),
    ((np.matmul,), _matmul),
    ((np.power,), _power),
):
    UFUNCS.update(dict.fromkeys(_ufuncs, _rule))
FUNCTIONS.update(
    {
        np.argmax: _argmax,
        np.broadcast_to: _broadcast_to,
        np.concatenate: _concatenate,
        np.max: _max,
        np.reshape: _reshape,
        np.sum: _sum,
        np.take: _take,
        np.take_along_axis: _take_along_axis,
        np.transpose: _transpose,
        np.where: _where,
        np.zeros_like: _zeros_like,
        scatter_add: _scatter_add,
    }
)
