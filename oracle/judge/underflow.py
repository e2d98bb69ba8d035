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

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Key
from oracle.judge.paths import upstream
from oracle.judge.verdict import CaseVerdict, Verdict
from oracle.numbers.noise import SMALL, SMALLEST, UNIT

BENEATH = "it underflows: neither side is far above the smallest subnormal number"
UNDERFLOWS = "it underflows: the sides agree where the cotangents are larger by a power of two"
Holes = Mapping[Key, NDArray[np.bool_]]
# takes the smallest subnormal 2⁴⁴ above the smallest normal number
LIFT = {dtype: 2.0**43 / unit for dtype, unit in UNIT.items()}


def lifted(
    case: Case, failing: Collection[Key], *sides: Mapping[Key, NDArray[Any]]
) -> Iterator[tuple[Case, set[Key]]]:
    """The case with cotangents `LIFT` times as large, and the failing gradients that underflow may explain.

    First those of outputs whose cotangents are tiny, and theirs alone: beside others that have their size,
    nothing that is added to a gradient is lost.  Then all, for the gradients that are tiny themselves.
    """
    gradients = {key for key in failing if key[0] == "gradient"}
    wires = {wire for wire, array in case.cotangents.items() if _tiny(array, case.dtype)}
    above = upstream(case.architecture, wires)
    if below := {key for key in gradients if key[1] in above}:
        yield _larger(case, wires), below
    if small := {key for key in gradients if all(_tiny(side[key], case.dtype) for side in sides)}:
        yield _larger(case, case.cotangents), small


def beneath(case: Case, failing: Collection[Key], *sides: Mapping[Key, NDArray[Any]]) -> set[Key]:
    """Failing outputs that lie near the subnormals on both sides: no scale lifts those."""
    outputs = {key for key in failing if key[0] == "output"}
    return {key for key in outputs if all(_tiny(side[key], case.dtype) for side in sides)}


def compared(said: CaseVerdict, holes: Holes, before: Holes) -> set[Key]:
    """Tensors of a case with larger cotangents on which the sides agree, in all entries.

    What overflows on both sides when it is lifted is left out there, and has not been compared.
    """
    agree = {(t.role, t.name) for t in said.tensors if t.verdict in (Verdict.AGREE, Verdict.VACUOUS)}
    return agree - {key for key, hole in holes.items() if np.any(hole & ~before.get(key, np.False_))}


def _tiny(array: NDArray[Any], dtype: str) -> bool:
    """Whether no entry is far above the smallest subnormal, and not all are 0."""
    return bool(0 < np.max(np.abs(array), initial=0.0) < SMALL * SMALLEST[dtype])


def _larger(case: Case, wires: Collection[str]) -> Case:
    with np.errstate(over="ignore"):
        cotangents = {
            wire: np.asarray(array * array.dtype.type(LIFT[case.dtype])) if wire in wires else array
            for wire, array in case.cotangents.items()
        }
    return replace(case, cotangents=cotangents)
