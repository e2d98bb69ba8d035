"""What is so small that another order of operations loses it.

The gradient is linear in the cotangents, so another implementation may multiply them by any of the
factors first: with a cotangent of a few times the smallest subnormal that product is 0, and what would
have made it large again comes too late.  So it is where the cotangents given are tiny, and where the
gradient is, because a factor inside the network makes it so.  The reference's noise knows the underflow of
its own order alone.  But a power of two changes nothing else: where the sides agree as soon as all
cotangents are larger, they compute one function, and only what lies below the normal numbers tells them
apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Key
from oracle.numbers.noise import SMALL, SMALLEST, UNIT

# takes the smallest subnormal 2⁴⁴ above the smallest normal number
LIFT = {dtype: 2.0**43 / unit for dtype, unit in UNIT.items()}


def at_stake(case: Case, *sides: Mapping[Key, NDArray[Any]]) -> set[Key]:
    """Gradients that underflow may have cost: all where the cotangents are tiny, else those that are."""
    gradients = {key for key in set.intersection(*map(set, sides)) if key[0] == "gradient"}
    if any(_tiny(array, case.dtype) for array in case.cotangents.values()):
        return gradients
    return {key for key in gradients if all(_tiny(side[key], case.dtype) for side in sides)}


def _tiny(array: NDArray[Any], dtype: str) -> bool:
    """Whether no entry is far above the smallest subnormal, and not all are 0."""
    return bool(0 < np.max(np.abs(array), initial=0.0) < SMALL * SMALLEST[dtype])


def lifted(case: Case) -> Case:
    """The case with all cotangents `LIFT` times as large."""
    with np.errstate(over="ignore"):
        cotangents = {
            wire: np.asarray(array * array.dtype.type(LIFT[case.dtype]))
            for wire, array in case.cotangents.items()
        }
    return replace(case, cotangents=cotangents)
