"""Values of leaves and cotangents.

Every value is exact in the case's own dtype, and most use its full significand: with short
significands a float64 product that was secretly computed in float32 would come out right.  All are
made from raw bits by integer arithmetic and scaling by powers of two, both exact, so that no library's
logarithm or cosine enters.

Kinds (the profile gives their shares):

uniform     on (−1, 1)
bell        mean of four uniforms: most entries small
spread      uniform × 2⁻ᵏ, k in 0 … 15: magnitudes differ widely
offset      a common value near 4 plus a small spread: cancellation
special     uniform, with entries at 0, −0, small integers and halves and their two neighbours: kinks
ties        rows and entries repeat a handful of values
saturated   uniform × 32: activations near their limits
tiny        uniform, with entries scaled into the subnormal range
short       multiples of 1/16 below 4 in magnitude: exact in every dtype from bfloat16 up
zeros       all 0
nonfinite   uniform, with a few entries NaN or ±∞
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from oracle.generate.bits import Bits

Floats = NDArray[np.floating]
SIGNIFICAND = {"float32": 24, "float64": 53}
_SUBNORMAL = {"float32": 130, "float64": 1026}  # 2^-this lies below the smallest normal number
_POINTS = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 6.0, 20.0, 0.0, 0.0)


def uniform(words: NDArray[np.uint64], dtype: str) -> Floats:
    """Odd multiples of 2⁻ᵖ in (−1, 1), p the bits of the dtype's significand; never 0."""
    p = SIGNIFICAND[dtype]
    odd = (words >> np.uint64(64 - p)).view(np.int64) * 2 + (1 - (1 << p))
    return np.asarray(odd * 2.0**-p, dtype)


def draw(bits: Bits, kind: str, shape: tuple[int, ...], dtype: str, log2_scale: int = 0) -> Floats:
    """Draw an array of `kind`.

    Parameters
    ----------
    bits : Bits
        Where the randomness comes from.
    kind : str
        One of the kinds that the module's docstring lists.
    shape : tuple of int
        Shape of the array.
    dtype : {"float32", "float64"}
        Its dtype.
    log2_scale : int
        The values are multiplied by two to this power.

    Returns
    -------
    numpy.ndarray
        C-contiguous array.
    """
    count = math.prod(shape)
    flat = _KINDS[kind](bits, count, dtype)
    return (flat if log2_scale == 0 else flat * 2.0**log2_scale).reshape(shape)


def index(bits: Bits, shape: tuple[int, ...], bound: int) -> NDArray[np.int64]:
    """Integers in 0 … bound − 1."""
    return (bits.words(math.prod(shape)) % np.uint64(bound)).astype(np.int64).reshape(shape)


def mask(bits: Bits, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Truth values, true with a drawn share, now and then with rows that are true or false throughout."""
    share = bits.choice((0, 8)) if bits.chance(8) else bits.choice((2, 4, 4, 6, 7))  # of 8
    values = ((bits.words(math.prod(shape)) >> np.uint64(61)) < share).reshape(shape)
    if shape and bits.chance(40):
        rows = bits.words(math.prod(shape[:-1])).reshape(*shape[:-1], 1) >> np.uint64(62)
        values = np.where(rows == 0, False, np.where(rows == 1, True, values))
    return np.asarray(values)


def positive(values: Floats, away: bool) -> Floats:
    """Magnitudes of `values`, above 0: `away` from it, by at least 1/8, or with 0 itself replaced by 1."""
    magnitude = np.abs(values)
    return magnitude + 0.125 if away else np.where(magnitude == 0, 1, magnitude)


def unit(values: Floats) -> Floats:
    """Magnitudes of `values`, between 0 and 1: from 1 on by their significands alone; 0 becomes 1/2."""
    magnitude = positive(values, away=False)
    return np.where(magnitude < 1, magnitude, np.frexp(magnitude)[0])


def closed(values: Floats, end: int) -> Floats:
    """Magnitudes of `values`, between 0 and 1, or at one `end`: what is tiny at 0, what is large at 1."""
    magnitude = np.abs(values)
    if end:
        return np.where(magnitude > 1 - 2.0**-20, 1, np.where(magnitude < 2.0**-20, 0.5, unit(values)))
    return np.where(magnitude < 2.0**-20, 0, np.minimum(unit(values), 1 - 2.0**-20))


def _uniform(bits: Bits, count: int, dtype: str) -> Floats:
    return uniform(bits.words(count), dtype)


def _bell(bits: Bits, count: int, dtype: str) -> Floats:
    quarter = uniform(bits.words(4 * count), "float64").reshape(4, count) / 4
    # each word has 53 bits, and the tree below adds in a fixed order: correctly rounded everywhere
    return np.asarray((quarter[0] + quarter[1]) + (quarter[2] + quarter[3]), dtype)


def _spread(bits: Bits, count: int, dtype: str) -> Floats:
    words = bits.words(count)
    return np.ldexp(uniform(words, dtype), -(words & np.uint64(15)).astype(np.int32))


def _offset(bits: Bits, count: int, dtype: str) -> Floats:
    centre = uniform(bits.words(1), dtype) + 4
    return np.asarray(centre + np.ldexp(_uniform(bits, count, dtype), -bits.between(2, 8)), dtype)


def _special(bits: Bits, count: int, dtype: str) -> Floats:
    values = _uniform(bits, count, dtype)
    words = bits.words(count)
    points = np.asarray(_POINTS, dtype)[(words >> np.uint64(8)) % np.uint64(len(_POINTS))]
    side = (words >> np.uint64(4)) & np.uint64(3)
    points = np.where(side == 1, np.nextafter(points, np.asarray(np.inf, dtype)), points)
    points = np.where(side == 2, np.nextafter(points, np.asarray(-np.inf, dtype)), points)
    return np.where((words & np.uint64(7)) < 3, points, values)


def _ties(bits: Bits, count: int, dtype: str) -> Floats:
    handful = _uniform(bits, 4, dtype)
    return np.asarray(handful[bits.words(count) & np.uint64(3)])


def _saturated(bits: Bits, count: int, dtype: str) -> Floats:
    return _uniform(bits, count, dtype) * 32


def _tiny(bits: Bits, count: int, dtype: str) -> Floats:
    values = _uniform(bits, count, dtype)
    tiny = np.ldexp(values, -_SUBNORMAL[dtype])
    return np.where((bits.words(count) & np.uint64(3)) == 0, tiny, values)


def _short(bits: Bits, count: int, dtype: str) -> Floats:
    return np.asarray(((bits.words(count) >> np.uint64(57)).astype(np.int64) - 64) / 16, dtype)


def _zeros(bits: Bits, count: int, dtype: str) -> Floats:
    return np.zeros(count, dtype)


def _nonfinite(bits: Bits, count: int, dtype: str) -> Floats:
    array: Floats = np.array(_uniform(bits, count, dtype))
    for _ in range(bits.between(1, 3) if count else 0):
        array[bits.below(count)] = bits.choice((math.nan, math.inf, -math.inf))
    return array


_KINDS = {
    "uniform": _uniform,
    "bell": _bell,
    "spread": _spread,
    "offset": _offset,
    "special": _special,
    "ties": _ties,
    "saturated": _saturated,
    "tiny": _tiny,
    "short": _short,
    "zeros": _zeros,
    "nonfinite": _nonfinite,
}
KINDS = tuple(_KINDS)
