"""What the gradient is, where rounding does not explain a difference; provisional.

The reference is run with more digits than the case has: a float32 case in float64, a float64 case in
`numpy.longdouble`.  That is an estimate of the truth and no proof; each side is held against the
stochastic bound around it, with k = 64, since another algorithm may round worse than the reference
without being wrong.  Where a straddled decision was met, all branch patterns are tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.sheet import Key
from oracle.judge.tolerance import Spread, outside, spread
from oracle.judge.verdict import Verdict
from reference.architecture import FLOATING
from reference.backprop import gradients

Array = NDArray[Any]
Tensors = Mapping[Key, Array]
MORE_DIGITS = {"float32": np.float64, "float64": np.longdouble}
MAX_STRADDLED = 6  # decisions whose 2⁶ branch patterns are enumerated


def precise(case: Case) -> dict[Key, Array]:
    """Outputs and gradients of the reference in arithmetic with more digits."""
    dtype = MORE_DIGITS[case.dtype]
    leaves = {
        name: array.astype(dtype) if case.architecture.leaves[name].kind in FLOATING else array
        for name, array in case.leaves.items()
    }
    cotangents = {wire: array.astype(dtype) for wire, array in case.cotangents.items()}
    outputs, grads = gradients(case.architecture, leaves, cotangents)
    return {("output", name): np.asarray(array) for name, array in outputs.items()} | {
        ("gradient", name): np.asarray(array) for name, array in grads.items()
    }


def blame(
    key: Key,
    truth: Tensors,
    reference: Tensors,
    candidate: Tensors,
    noise: Spread,
    floors: Mapping[str, float],
) -> str:
    """Which sides are outside the bound around the truth: one line, empty if none is."""
    wrong = []
    for side, tensors in (("reference", reference), ("candidate", candidate)):
        excess = outside(tensors[key], truth[key], noise.deviation[key], floors[key[0]])
        if excess > 1:
            wrong.append(f"the {side} is {excess:.3g} times as far off as rounding may take it")
    return "; ".join(wrong)


def branches(
    case: Case,
    keys: list[Key],
    reference: Tensors,
    candidate: Tensors,
    straddled: Spread,
    floors: Mapping[str, float],
) -> tuple[Verdict, str]:
    """Try all branch patterns of the straddled decisions; each side must match one in all tensors.

    Returns
    -------
    verdict : Verdict
        `AGREE` if both match the same one, `KINK` if each matches another, `DISAGREE` if a side matches
        none, `UNDECIDED` if there are too many patterns.
    reason : str
        Why.
    """
    count = len(straddled.straddled)
    if count > MAX_STRADDLED:
        return Verdict.UNDECIDED, f"{count} straddled decisions; at most {MAX_STRADDLED} are enumerated"
    matches: dict[str, set[tuple[bool, ...]]] = {"reference": set(), "candidate": set()}
    for pattern in product((False, True), repeat=count):
        run = spread(case, dict(zip(straddled.straddled, pattern, strict=True)))
        for side, tensors in (("reference", reference), ("candidate", candidate)):
            if all(
                outside(tensors[key], run.centre[key], run.deviation[key], floors[key[0]]) <= 1
                for key in keys
            ):
                matches[side].add(pattern)
    for side, found in matches.items():
        if not found:
            return Verdict.DISAGREE, f"the {side} matches none of {2**count} branch patterns"
    if matches["reference"] & matches["candidate"]:
        return Verdict.AGREE, ""
    return Verdict.KINK, f"the sides took different branches of {count} straddled decisions"
