"""What the gradient is, where rounding does not explain a difference; provisional.

The reference is run with more digits than the case has: a float32 case in float64, a float64 case in
`numpy.longdouble`.  That is an estimate of the truth and no proof; each side is held against the
stochastic bound around it, with k = 64, since another algorithm may round worse than the reference
without being wrong.  Where a straddled decision was met, all branch patterns are tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Key, keyed
from oracle.judge.tolerance import Spread, outside, spread
from oracle.judge.verdict import Verdict
from reference.architecture import FLOATING
from reference.backprop import gradients

Array = NDArray[Any]
Tensors = Mapping[Key, Array]
MORE_DIGITS = {"float32": np.float64, "float64": np.longdouble}
MAX_STRADDLED = 6  # decisions whose 2⁶ branch patterns are enumerated
MAX_FLIPS = 32  # decisions that are flipped one by one where there are more


class Finding(NamedTuple):
    """What was found of a tensor, at which step, and why."""

    verdict: Verdict
    step: str
    reason: str


@dataclass(frozen=True)
class Trial:
    """Tensors that the rule did not explain, before the wide bound.

    Parameters
    ----------
    case : Case
        The case.
    reference, candidate : mapping of (str, str) to numpy.ndarray
        Tensors of either side.
    noise : Spread
        Spread around the reference.
    floors : mapping of str to float
        By role; see `tolerance.explain`.
    holes : mapping of (str, str) to numpy.ndarray
        Entries that are left out, since neither side is finite there.
    """

    case: Case
    reference: Tensors
    candidate: Tensors
    noise: Spread
    floors: Mapping[str, float]
    holes: Mapping[Key, NDArray[np.bool_]]

    def blame(self, keys: list[Key]) -> dict[Key, Finding]:
        """Hold each side against the reference with more digits."""
        truth = _precise(self.case)
        found = {}
        for key in keys:
            off = self._off(
                key, np.where(self.holes.get(key, False), 0, truth[key]), self.noise.deviation[key]
            )
            wrong = "; ".join(
                f"the {side} is {excess:.3g} times as far off as rounding may take it"
                for side, excess in off.items()
                if excess > 1
            )
            found[key] = Finding(Verdict.DISAGREE if wrong else Verdict.AGREE, "truth", wrong)
        return found

    def branches(self, keys: list[Key], rejected: list[Key]) -> dict[Key, Finding]:
        """Try all branch patterns of the straddled decisions; each side must match one in all tensors."""
        straddled = self.noise.straddled
        if len(straddled) > MAX_STRADDLED:
            return self._too_many(rejected)
        matches: dict[str, set[tuple[bool, ...]]] = {"reference": set(), "candidate": set()}
        for pattern in product((False, True), repeat=len(straddled)):
            run = spread(self.case, self.holes, dict(zip(straddled, pattern, strict=True)))
            worst = dict.fromkeys(matches, 0.0)
            for key in keys:
                for side, excess in self._off(key, run.centre[key], run.deviation[key]).items():
                    worst[side] = max(worst[side], excess)
            for side, excess in worst.items():
                if excess <= 1:
                    matches[side].add(pattern)
        return dict.fromkeys(rejected, Finding(*_matched(matches, len(straddled))))

    def _too_many(self, rejected: list[Key]) -> dict[Key, Finding]:
        """More patterns than can be tried: what no pattern can reach is wrong all the same."""
        reach = self._reach(rejected)
        reason = f"{len(self.noise.straddled)} straddled decisions; at most {MAX_STRADDLED} are enumerated"
        found = dict.fromkeys(rejected, Finding(Verdict.UNDECIDED, "branches", reason))
        for key in rejected:
            for side, tensors in (("reference", self.reference), ("candidate", self.candidate)):
                centre = self.noise.centre[key]
                error = np.asarray(tensors[key], np.float64) - centre
                beyond = np.sign(error) * np.maximum(np.abs(error) - reach[key], 0.0)
                if outside(centre + beyond, centre, self.noise.deviation[key], self.floors[key[0]]) > 1:
                    why = f"the {side} is farther off than {len(self.noise.straddled)} decisions can take it"
                    found[key] = Finding(Verdict.DISAGREE, "branches", why)
        return found

    def _reach(self, keys: list[Key]) -> dict[Key, float]:
        """How far all straddled decisions together may move any entry: the sum of what each does alone."""
        flips = [{decision: not way} for decision, way in self.noise.straddled.items()]
        if len(flips) > MAX_FLIPS:  # too many to try one by one: a tensor that moves at all may move anywhere
            run = spread(self.case, self.holes, {d: way for flip in flips for d, way in flip.items()})
            return {key: 0.0 if self._moved(run, key) == 0 else np.inf for key in keys}
        reach = dict.fromkeys(keys, 0.0)
        for flip in flips:
            run = spread(self.case, self.holes, flip)
            for key in keys:
                reach[key] += self._moved(run, key)
        return reach

    def _moved(self, run: Spread, key: Key) -> float:
        """The largest change of an entry, other decisions than in `self.noise` being taken."""
        with np.errstate(invalid="ignore"):
            moved = np.max(np.abs(run.centre[key] - self.noise.centre[key]), initial=0.0)
        return float(moved) if np.isfinite(moved) else np.inf

    def _off(self, key: Key, truth: Array, deviation: Array) -> dict[str, float]:
        """How far either side is off, as a multiple of the wide bound."""
        floor = self.floors[key[0]]
        return {
            "reference": outside(self.reference[key], truth, deviation, floor),
            "candidate": outside(self.candidate[key], truth, deviation, floor),
        }


def _matched(matches: Mapping[str, set[tuple[bool, ...]]], count: int) -> tuple[Verdict, str, str]:
    """Verdict, step and reason, given the branch patterns that each side matches."""
    for side, patterns in matches.items():
        if not patterns:
            return Verdict.DISAGREE, "branches", f"the {side} matches none of {2**count} branch patterns"
    if matches["reference"] & matches["candidate"]:
        return Verdict.AGREE, "branches", ""
    return Verdict.KINK, "branches", f"the sides took different branches of {count} straddled decisions"


def _precise(case: Case) -> dict[Key, Array]:
    """Outputs and gradients of the reference in arithmetic with more digits, where that has all functions."""
    try:
        return _rerun(case, MORE_DIGITS[case.dtype])
    except TypeError:  # scipy.special ends at float64
        return _rerun(case, np.float64)


def _rerun(case: Case, dtype: Any) -> dict[Key, Array]:
    leaves = {
        name: array.astype(dtype) if case.architecture.leaves[name].kind in FLOATING else array
        for name, array in case.leaves.items()
    }
    cotangents = {wire: array.astype(dtype) for wire, array in case.cotangents.items()}
    outputs, grads = gradients(case.architecture, leaves, cotangents)
    return {key: np.asarray(array) for key, array in keyed(outputs, grads).items()}
