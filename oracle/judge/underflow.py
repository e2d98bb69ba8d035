"""Cotangents so small that another order of operations loses them.

The gradient is linear in the cotangents, so another implementation may multiply them by any of the
factors first: with a cotangent of a few times the smallest subnormal that product is 0, and what would
have made it large again comes too late.  The reference's noise knows the underflow of its own order
alone.  But a power of two changes nothing else: where the sides agree as soon as all cotangents are
larger, they compute one function, and only what lies below the normal numbers tells them apart.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oracle.case import Case
from oracle.numbers.noise import SMALL, SMALLEST

LIFT = 2.0**96  # takes the smallest subnormal of either dtype more than 2⁴⁰ above the subnormals


def lifted(case: Case) -> Case | None:
    """The case with all cotangents `LIFT` times as large; None if no output has hardly any but tiny ones."""
    small = SMALL * SMALLEST[case.dtype]
    largest = [np.max(np.abs(array), initial=0.0) for array in case.cotangents.values()]
    if not any(0 < size < small for size in largest):
        return None
    with np.errstate(over="ignore"):
        cotangents = {
            wire: np.asarray(array * array.dtype.type(LIFT)) for wire, array in case.cotangents.items()
        }
    return replace(case, cotangents=cotangents)
