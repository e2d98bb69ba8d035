"""Rounding noise of contractions: sums of products, and sums.

A kernel may add the n terms in any order, and partial sums are rounded.  For a random order, with
u the unit roundoff, the error of a sum of products has about the variance

    σ² = u²/3 · [(1 + n/6) (A² @ B²) + (n/3 + 1) (A @ B)²]

(the products are rounded, too; in a plain sum they are not).  Noise uniform on ±√3 σ has it.

Where terms repeat, errors do not average out: within a binade of the partial sum, adding the same term
makes the same error.  With m distinct terms among n, errors add up to (n/m) √m instead of √n, so their
variance is n/m times larger.  m is counted in the dtype's own precision.

Source: N. Higham, "Accuracy and Stability of Numerical Algorithms" (2002), §4.2; N. Higham, T. Mary,
SIAM J. Sci. Comput. 41 (2019) A2815, for the random-walk model and where it fails.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from oracle.numbers.noise import Floats, Noise

STRUCTURED = 4  # contractions over fewer terms are not searched for repeated ones


def product_noise(noise: Noise, left: Floats, right: Floats, product: Floats) -> Floats:
    """Amplitude of the noise of ``left @ right``, one row of each.

    Parameters
    ----------
    noise : Noise
        The run.
    left, right : numpy.ndarray
        Operands (1, …, m, n) and (1, …, n, p).
    product : numpy.ndarray
        Their product.

    Returns
    -------
    numpy.ndarray
        Broadcasts with the product.
    """
    n = left.shape[-1]
    (left, i), (right, j) = _scaled(left), _scaled(right)
    squares = np.matmul(left * left, right * right)
    product = _times(product, -i - j)
    drift = _drift(noise, left, np.swapaxes(right, -1, -2))
    deviation = np.sqrt((1 + n / 6 * drift) * squares + (n / 3 * drift + 1) * product * product)
    return _times(noise.unit * deviation, i + j)


def sum_noise(noise: Noise, x: Floats, axes: tuple[int, ...], total: Floats) -> Floats:
    """Amplitude of the noise of the sum of `x` over `axes` (counted from the back), one row of it."""
    n = math.prod(x.shape[axis] for axis in axes)
    x, i = _scaled(x)
    total = _times(total, -i)
    squares = np.add.reduce(x * x, axis=axes).reshape(total.shape)
    drift: Floats | float = 1.0
    if n >= STRUCTURED:
        kept = [axis for axis in range(x.ndim) if axis - x.ndim not in axes]
        terms = x.transpose(*kept, *axes).reshape(*(x.shape[axis] for axis in kept), n)
        drift = n / _distinct(noise, terms).reshape(total.shape)
    deviation = np.sqrt(n / 6 * drift * squares + (n / 3 * drift + 1) * total * total)
    return _times(noise.unit * deviation, i)


def scatter_noise(noise: Noise, x: Floats, into: NDArray[np.int64], totals: Floats) -> Floats:
    """Amplitude of the noise of sums of the entries of `x` by the place that each is added to, for one row.

    An entry that is a sum of less than two terms is exact.
    """
    flat, size = totals.reshape(-1), totals.size
    count = np.bincount(into, minlength=size)
    x, i = _scaled(x)
    flat = _times(flat, -i)
    drift: Floats | float = 1.0
    if count.max(initial=0) >= STRUCTURED:
        bits = noise.quantized(x)
        order = np.lexsort((bits, into))
        place, value = into[order], bits[order]
        new = np.append(True, (place[1:] != place[:-1]) | (value[1:] != value[:-1])) & (value != 0)
        distinct = np.bincount(place[new], minlength=size)
        drift = np.where(count >= STRUCTURED, count / np.maximum(distinct, 1), 1.0)
    squares = np.bincount(into, x * x, minlength=size)
    variance = count / 6 * drift * squares + (count / 3 * drift + 1) * flat * flat
    amplitude = noise.unit * np.sqrt(np.where(count > 1, variance, 0.0))
    return _times(amplitude, i).reshape(totals.shape)


def _scaled(x: Floats) -> tuple[Floats, int]:
    """The array divided by a power of two, and the power, so that squares neither over- nor underflow."""
    largest = float(np.maximum.reduce(np.abs(x), axis=None, initial=0.0))
    power = math.frexp(largest)[1] if 0 < largest < math.inf else 0
    return (x, 0) if abs(power) < 200 else (_times(x, -power), power)


def _times(x: Floats, power: int) -> Floats:
    """The array times two to this power."""
    return np.asarray(np.ldexp(x, power)) if power else x


def _drift(noise: Noise, rows: Floats, columns: Floats) -> Floats | float:
    """Number of terms per distinct product, for every pair of a row and a column."""
    n = rows.shape[-1]
    if n < STRUCTURED or rows.size == 0:
        return 1.0
    in_rows = _distinct(noise, rows)
    if in_rows.min() == n:
        return 1.0
    in_columns = _distinct(noise, columns)
    return np.asarray(np.maximum(n / (in_rows[..., np.newaxis] * in_columns[..., np.newaxis, :]), 1.0))


def _distinct(noise: Noise, x: Floats) -> NDArray[np.float64]:
    """Number of values along the last axis that the dtype can tell apart; zero not counted; at least 1."""
    ordered = np.sort(noise.quantized(x), axis=-1)
    new = (ordered[..., 1:] != ordered[..., :-1]) & (ordered[..., 1:] != 0)
    count = np.add.reduce(new, axis=-1, dtype=np.float64) + (ordered[..., 0] != 0)
    return np.asarray(np.maximum(count, 1.0))
