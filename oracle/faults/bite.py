"""Whether a planted fault changes anything: what never bites is neither caught nor missed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.faults.fault import Fault, Site
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.compare import Key, keyed
from oracle.judge.sides import Clock, run_both
from oracle.layouts import arrange
from reference.backprop import gradients

PROBE = 20_011  # seed of the cases by which a class finds out which ops it concerns
Tensors = Mapping[Key, Any]


def of_reference(fault: Fault, site: Site, case: Case) -> float | None:
    """The size of what the fault changes in the reference's tensors; see `size`."""
    right = _reference(case)
    try:
        with fault.reference(site):
            wrong = _reference(case)
    except Exception:  # it raises: that is a change, too
        return np.inf
    return size(right, wrong)


def of_candidate(wrong: Candidate, right: Candidate, case: Case) -> float | None:
    """The size of what the fault changes in the candidate's tensors; see `size`."""
    tensors = [run_both(case, candidate, Clock())[0]["candidate"] for candidate in (wrong, right)]
    return size(tensors[1], tensors[0])


def size(right: Tensors, wrong: Tensors) -> float | None:
    """The largest change of a tensor, relative to its 2-norm; None where no bit changes.

    Infinite where a tensor's shape changes, or what is finite in it.
    """
    sizes = [_change(right[key], wrong[key]) if key in wrong else np.inf for key in right]
    found = [each for each in sizes if each is not None]
    return max(found, default=None)


def _change(right: Any, wrong: Any) -> float | None:
    a, b = np.asarray(right, np.float64), np.asarray(wrong, np.float64)
    if a.shape == b.shape and np.array_equal(a, b, equal_nan=True):
        return None
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return np.inf
    finite = np.isfinite(a)
    scale = float(np.max(np.abs(a[finite]), initial=0.0)) or 1.0
    with np.errstate(all="ignore"):
        change, norm = (float(np.linalg.norm(x[finite] / scale)) for x in (b - a, a))
    return change / norm if norm else np.inf


def _reference(case: Case) -> Tensors:
    leaves = {name: arrange(array, case.layouts[name]) for name, array in case.leaves.items()}
    cotangents = {name: arrange(array, case.layouts[name]) for name, array in case.cotangents.items()}
    with np.errstate(all="ignore"):
        return keyed(*gradients(case.architecture, leaves, cotangents))


@cache
def shows(fault: Fault, op: str, cases: int = 24) -> bool:
    """Whether the fault changes numbers in the reference, and nothing else, in a few cases of the op."""
    profile, site = load_profile(fault.profile), Site(op, "float64")
    drawn = (draw_case(PROBE, "float64", index, profile, (op,)) for index in range(cases))
    sizes = [size for case in drawn if (size := of_reference(fault, site, case)) is not None]
    return len(sizes) > 1 and np.inf not in sizes
