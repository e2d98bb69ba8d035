"""How exact a side is: its error against the certified truth, in ulps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from reference.architecture import FLOATING

SHORT = 12  # bits of a short significand; those that the generator draws on purpose have up to 7


def ulps(error: NDArray[np.float64], truth: NDArray[np.float64], dtype: str) -> float:
    """Largest error in ulps of the largest entry of the truth.

    Parameters
    ----------
    error, truth : numpy.ndarray
        A side's error, and the true tensor.
    dtype : {"float32", "float64"}
        Whose ulps are meant.

    Returns
    -------
    float
        0 where there is no error; infinite where the truth is 0 and the error is not.
    """
    worst = float(np.max(np.abs(error), initial=0.0))
    if worst == 0:
        return 0.0
    largest = np.dtype(dtype).type(np.max(np.abs(truth), initial=0.0))
    with np.errstate(over="ignore"):
        return float(np.float64(worst) / np.float64(np.spacing(largest)))


def has_full_significands(case: Case) -> bool:
    """Whether some leaf and some cotangent need more than `SHORT` bits.

    Products of short significands are exact, and agree to the last bit whatever is computed in between:
    they would make either side look better than it is.
    """
    kinds = case.architecture.leaves
    leaves = [array for name, array in case.leaves.items() if kinds[name].kind in FLOATING]
    return any(map(_is_full, leaves)) and any(map(_is_full, case.cotangents.values()))


def _is_full(array: NDArray[Any]) -> bool:
    finite = np.asarray(array, np.float64)[np.isfinite(array)]
    significand = np.frexp(finite)[0] * 2.0**SHORT
    return bool(np.any(significand != np.rint(significand)))
