"""Errors between two sides: structure first, then numbers, elementwise and never projected.

`structure` finds what makes two tensors incomparable: missing or extra ones, shapes, dtypes, and
NaN or infinities on one side alone.  `measure` gives the errors of all tensors of a case in one pass
over their concatenation, since most tensors are small and a call per tensor would cost more than the
arithmetic.

Conventions: −0 equals 0; a NaN equals a NaN; an infinity equals the same infinity.  A tensor that holds
NaN or infinities has such norms, too, and passes no bound; the judge then looks at their places, and
leaves out those entries that are equal on both sides.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Name = TypeVar("Name", bound=Hashable)


Key = tuple[str, str]  # (role, name)
SAFE = 400  # of numbers between 2^-this and 2^this, squares are normal numbers, and so are their sums
Tensor = TypeVar("Tensor")


def keyed(outputs: Mapping[str, Tensor], gradients: Mapping[str, Tensor]) -> dict[Key, Tensor]:
    """Outputs and gradients in one table, by role and name."""
    tensors = {("output", name): tensor for name, tensor in outputs.items()}
    return tensors | {("gradient", name): tensor for name, tensor in gradients.items()}


def structure(reference: Mapping[Name, Array], candidate: Mapping[Name, Array]) -> dict[Name, str]:
    """Why tensors cannot be compared.

    Parameters
    ----------
    reference, candidate : mapping of hashable to numpy.ndarray
        Tensors of either side, by name.

    Returns
    -------
    dict of hashable to str
        For every tensor that cannot be compared, one line saying why; all of them are listed.
    """
    faults: dict[Name, str] = {}
    for name in (*reference, *(name for name in candidate if name not in reference)):
        if name not in candidate:
            faults[name] = "missing from the candidate"
        elif name not in reference:
            faults[name] = "not in the reference"
        else:
            fault = _pair(np.asarray(reference[name]), candidate[name])
            if fault:
                faults[name] = fault
    return faults


def _pair(reference: Array, candidate: object) -> str:
    if not isinstance(candidate, np.ndarray | np.generic):
        return f"the candidate gives {type(candidate).__name__}, not an array"
    if candidate.shape != reference.shape:
        return f"shape {candidate.shape}, and {reference.shape} in the reference"
    if candidate.dtype != reference.dtype:
        return f"dtype {candidate.dtype}, and {reference.dtype} in the reference"
    return ""


def non_finite_pattern(reference: Array, candidate: Array) -> str:
    """Where NaN or infinities differ: one line, or empty if they stand in the same places."""
    same = (reference == candidate) | (np.isnan(reference) & np.isnan(candidate))
    wrong = np.asarray(~same & ~(np.isfinite(reference) & np.isfinite(candidate)))
    if not wrong.any():
        return ""
    where = tuple(int(axis[0]) for axis in np.nonzero(np.atleast_1d(wrong)))
    entry = where if wrong.ndim else ()
    return (
        f"{np.count_nonzero(wrong)} entries are NaN or infinite on one side alone, the first at {entry}: "
        f"{np.asarray(candidate)[entry]} in the candidate, {np.asarray(reference)[entry]} in the reference"
    )


@dataclass(frozen=True)
class Errors:
    """Errors of many tensors, one entry for each; empty tensors have zeros.

    Attributes
    ----------
    largest_error, largest : numpy.ndarray
        max |e_i| and max |g_i|, e the candidate's difference from the reference g.
    error_norm, norm : numpy.ndarray
        ‖e‖₂ and ‖g‖₂.
    worst_entry : numpy.ndarray
        max |e_i| / √(g_i² + rms(g)²).
    """

    largest_error: Floats
    largest: Floats
    error_norm: Floats
    norm: Floats
    worst_entry: Floats

    def ulps(self, dtype: str) -> Floats:
        """Largest errors in ulps of the largest entries; infinite where that is 0 and the error is not."""
        with np.errstate(all="ignore"):
            ulp = np.spacing(self.largest.astype(dtype)).astype(np.float64)
            return np.where(self.largest_error == 0, 0.0, self.largest_error / ulp)


def measure(reference: Sequence[Array], candidate: Sequence[Array]) -> Errors:
    """Errors of all tensors at once.

    Parameters
    ----------
    reference, candidate : sequence of numpy.ndarray
        Pairs of tensors with equal shapes.

    Returns
    -------
    Errors
        NaN or infinity wherever a tensor holds such an entry: every comparison of the form
        ``error <= bound`` is then to be read as not passed.
    """
    sizes = np.array([np.size(tensor) for tensor in reference])
    a = np.concatenate([np.ravel(tensor) for tensor in reference], dtype=np.float64)
    b = np.concatenate([np.ravel(tensor) for tensor in candidate], dtype=np.float64)
    with np.errstate(all="ignore"):
        error, magnitude = np.abs(b - a), np.abs(a)
        full = np.flatnonzero(sizes)
        starts, sizes_full = (np.cumsum(sizes) - sizes)[full], sizes[full]

        def reduce(by: np.ufunc, values: Floats) -> Floats:
            return np.asarray(by.reduceat(values, starts) if full.size else np.zeros(0))

        largest_error, largest = reduce(np.maximum, error), reduce(np.maximum, magnitude)
        scale, error_scale = _scale(largest), _scale(largest_error)
        if scale is not None:
            magnitude = magnitude / np.repeat(scale, sizes_full)
        if error_scale is not None:
            error = error / np.repeat(error_scale, sizes_full)
        squares, error_squares = magnitude * magnitude, error * error
        total, error_total = reduce(np.add, squares), reduce(np.add, error_squares)
        allowed = squares + np.repeat(total / sizes_full, sizes_full)
        worst = reduce(np.maximum, np.where(error_squares > 0, error_squares / allowed, error_squares))
        up, error_up = 1.0 if scale is None else scale, 1.0 if error_scale is None else error_scale
        columns = (
            largest_error,
            largest,
            error_up * np.sqrt(error_total),
            up * np.sqrt(total),
            np.sqrt(worst) * (error_up / up),
        )
    if full.size == len(sizes):
        return Errors(*columns)
    return Errors(*(_filled(column, full, len(sizes)) for column in columns))


def alike(reference: Array, candidate: Array) -> bool:
    """Whether two tensors have a binary digit in common: not, where they differ by half of the first."""
    errors = measure([reference], [candidate])
    return bool(errors.error_norm < errors.norm / 2 or errors.error_norm == 0)


def shrunk(error: Floats, by: Floats | float) -> Floats:
    """What is left of each error where `by` of it is accounted for; the sign stays."""
    return np.asarray(np.sign(error) * np.maximum(np.abs(error) - by, 0.0))


def _filled(column: Floats, full: NDArray[np.intp], count: int) -> Floats:
    """Zeros for the empty tensors, which `reduceat` cannot take."""
    every = np.zeros(count)
    every[full] = column
    return every


def _scale(largest: Floats) -> Floats | None:
    """Powers of two to divide by, so that no square over- or underflows; None where none would.

    That is a power near each entry, and 1 for zero and for what is not finite.
    """
    usable = np.isfinite(largest) & (largest > 0)
    exponent = np.frexp(np.where(usable, largest, 1.0))[1]
    if exponent.size == 0 or (exponent.min() > -SAFE and exponent.max() < SAFE):
        return None
    return np.asarray(np.ldexp(1.0, np.clip(exponent, -1000, 1000)))
