"""The judge: are the two sides' outputs and gradients the same up to rounding?

Cheapest first; each step decides or passes on.

structure   a side raised, or tensors cannot be compared
screen      the difference is smaller than any rounding
rounding    the difference is explained by the spread under rounding noise
truth       each side is held against the reference in arithmetic with more digits
branches    a straddled decision: each side must match one branch pattern
float64     where rounding hides more than the tensor itself, the same values in float64 decide

What fails and depends on where the reference leaves the finite numbers is undecided (`taint.py`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.judge.compare import Errors, Key, keyed, measure, non_finite_pattern, structure
from oracle.judge.sheet import Sheet
from oracle.judge.taint import tainted
from oracle.judge.tolerance import FLOOR, Spread, explain, screened, spread, widened
from oracle.judge.truth import Trial
from oracle.judge.verdict import CaseVerdict, Verdict
from oracle.layouts import arrange
from oracle.numbers.noise import UNIT
from reference.backprop import gradients

Array = NDArray[Any]
SAMPLE = 128  # one screened case in so many is put before the rule all the same
_ZERO = 2.0**-26  # half the digits of float64


class Clock:
    """Seconds spent in each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Book the time since the last lap to `step`."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now


def judge(case: Case, candidate: Candidate, sample: bool | None = None) -> CaseVerdict:
    """Judge one case.

    Parameters
    ----------
    case : Case
        Network, values and cotangents.
    candidate : Candidate
        The side that is put beside the reference.
    sample : bool, optional
        Whether to estimate detection limits though the screen passes; by default for one case in
        `SAMPLE`, fixed by its index.

    Returns
    -------
    CaseVerdict
        Also where a side raises: nothing that either side does escapes.
    """
    if sample is None:
        sample = case.origin is not None and case.origin.index % SAMPLE == SAMPLE - 1
    return _Judge(case, candidate, sample).run()


class _Judge:
    """One case on its way through the steps."""

    def __init__(self, case: Case, candidate: Candidate, sample: bool) -> None:
        self.case = case
        self.call = candidate
        self.sample = sample
        self.clock = Clock()
        self.sheet = Sheet(case)
        self.reference: dict[Key, Array] = {}
        self.candidate: dict[Key, Array] = {}
        self.holes: dict[Key, NDArray[np.bool_]] = {}

    def run(self) -> CaseVerdict:
        """Run both sides, then the steps."""
        network, leaves, cotangents = self.case.architecture, self.case.leaves, self.case.cotangents
        messages: dict[str, str] = {}
        notes: list[str] = []
        try:
            self.reference = keyed(*gradients(network, _read_only(leaves), _read_only(cotangents)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # exits and foreign panics, too
            messages["reference"] = one_line(error)
        self.clock.lap("reference")
        try:
            result = self.call(network, *self._copies())
            self.candidate = keyed(result.outputs, result.gradients)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # exits and foreign panics, too
            messages["candidate"] = one_line(error)
            notes = [note for note in vars(error).get("__notes__", ()) if isinstance(note, str)]
        self.clock.lap("candidate")
        if messages:
            told = "; ".join(
                f"{side}: {messages.get(side, 'computed')}" for side in ("reference", "candidate")
            )
            return self.sheet.raised(told, self.clock.seconds, notes)
        try:
            self._compare()
            if self.sheet.fails:
                self.sheet.excuse(tainted(self.case))
        except Exception as error:  # an op that leaves the vocabulary, say; the campaign goes on
            return self.sheet.raised(f"the judge: {one_line(error)}", self.clock.seconds)
        return self.sheet.verdict(self.clock.seconds)

    def _copies(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Leaves and cotangents for the candidate to keep: whatever it writes to, the case stays."""
        layouts = self.case.layouts
        leaves = {name: arrange(array, layouts[name]) for name, array in self.case.leaves.items()}
        return leaves, {name: arrange(array, layouts[name]) for name, array in self.case.cotangents.items()}

    def _compare(self) -> None:
        for key, fault in structure(self.reference, self.candidate).items():
            self.sheet.write(
                key, Verdict.ERROR, "structure", fault, int(np.size(self.reference.get(key, ())))
            )
        keys = [key for key in self.reference if key not in self.sheet.found]
        if not keys:
            return
        errors = measure([self.reference[key] for key in keys], [self.candidate[key] for key in keys])
        passed = screened(errors, self.case.dtype)
        for position, key in enumerate(keys):
            self.sheet.measured(
                key, errors, position, int(np.size(self.reference[key])), bool(passed[position])
            )
        self.clock.lap("screen")
        rest = [key for position, key in enumerate(keys) if not passed[position]]
        if rest or self.sample:
            self._rounding(keys, rest, errors)

    def _rounding(self, keys: list[Key], rest: list[Key], errors: Errors) -> None:
        rest = [key for key in rest if self._finite(key)]
        noise = spread(self.case, self.holes)
        self.sheet.straddled = len(noise.straddled)
        largest = self._largest(keys, errors)
        floors = {role: FLOOR * UNIT[self.case.dtype] * value for role, value in largest.items()}
        waiting = set(rest)
        rejected, hidden = [], []
        for key in keys:
            rule = explain(self._error(key), self._value(key), noise.deviation[key], floors[key[0]])
            self.sheet.limit(key, rule.limit)
            if key not in waiting:
                self.sheet.loose |= not rule.explained and self.sheet.found[key].step == "screen"
            elif rule.limit > 1 and (rule.explained or self._in_the_noise(key, largest[key[0]])):
                hidden.append(key)
                self._drowned(key, rule.limit, rule.bound, largest[key[0]])
            elif not rule.explained:
                rejected.append(key)
            else:
                self.sheet.amend(key, Verdict.AGREE, "rounding")
        self.clock.lap("rounding")
        if rejected:
            self._rejected(keys, rejected, noise, floors)
        if hidden and self.case.dtype != "float64":
            self._again(hidden)
            self.clock.lap("float64")

    def _in_the_noise(self, key: Key, largest: float) -> bool:
        """Whether a difference in a tensor that drowns in its rounding may be left to float64.

        In float32 always: float64 will tell.  In float64 only if it is small against the largest tensor:
        where the gradient is zero up to rounding, a large one is wrong whatever the spread says.
        """
        error = float(np.linalg.norm(self._error(key)))
        return self.case.dtype != "float64" or error <= _ZERO * largest * np.sqrt(
            np.size(self.reference[key])
        )

    def _drowned(self, key: Key, limit: float, bound: float, largest: float) -> None:
        """A tensor that drowns in its rounding: zero, or not to be told."""
        zero = bound <= _ZERO * largest * np.sqrt(np.size(self.reference[key]))
        if self.case.dtype == "float64" and zero:
            self.sheet.amend(key, Verdict.VACUOUS, "rounding", "zero up to rounding on both sides")
        else:
            why = f"rounding hides errors up to {limit:.2g} times the tensor"
            self.sheet.amend(key, Verdict.UNDECIDED, "rounding", why)

    def _rejected(
        self, keys: list[Key], rejected: list[Key], noise: Spread, floors: dict[str, float]
    ) -> None:
        """Differences that are not the reference's rounding: a branch, another algorithm's, or a fault."""
        noise = widened(noise, self.case, self.holes)
        trial = Trial(self.case, self.reference, self.candidate, noise, floors, self.holes)
        step = "branches" if noise.straddled else "truth"
        found = trial.branches(keys, rejected) if noise.straddled else trial.blame(rejected)
        for key, finding in found.items():
            self.sheet.amend(key, *finding)
        self.clock.lap(step)

    def _finite(self, key: Key) -> bool:
        """Whether there is something to compare; where both sides are not finite, leave those entries out.

        NaN or infinities on one side alone are an error; a tensor without any finite entry is no evidence.
        """
        a, b = np.asarray(self.reference[key]), np.asarray(self.candidate[key])
        hole = ~(np.isfinite(a) & np.isfinite(b))
        if not hole.any():
            return True
        pattern = non_finite_pattern(a, b)
        if pattern:
            self.sheet.amend(key, Verdict.ERROR, "structure", pattern)
        elif hole.all():
            self.sheet.amend(key, Verdict.UNDECIDED, "structure", "NaN or infinite throughout, on both sides")
        self.holes[key] = hole
        self.reference[key], self.candidate[key] = np.where(hole, 0, a), np.where(hole, 0, b)
        return not pattern and not hole.all()

    def _again(self, hidden: list[Key]) -> None:
        """What float64 says, on the same values, of tensors that float32 could not tell."""
        again = judge(self.case.astype("float64"), self.call, sample=False)
        said = {(tensor.role, tensor.name): tensor for tensor in again.tensors}
        for key in hidden:
            if key in said:
                reason = f"in float64: {said[key].reason}" if said[key].reason else ""
                self.sheet.amend(key, said[key].verdict, "float64", reason)
                self.sheet.limit(key, said[key].detection_limit)
            else:
                self.sheet.amend(key, Verdict.ERROR, "float64", f"in float64: {again.reason}")

    def _largest(self, keys: list[Key], errors: Errors) -> dict[str, float]:
        """Largest entry over all tensors of each role."""
        largest = {"output": 0.0, "gradient": 0.0}
        for position, (role, _) in enumerate(keys):
            if np.isfinite(errors.largest[position]):
                largest[role] = max(largest[role], float(errors.largest[position]))
        return largest

    def _value(self, key: Key) -> NDArray[np.float64]:
        return np.asarray(self.reference[key], np.float64)

    def _error(self, key: Key) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(np.asarray(self.candidate[key], np.float64) - self._value(key))


def _read_only(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Views that cannot be written to, so that a rule that writes to its inputs raises."""
    views = {name: array.view() for name, array in arrays.items()}
    for view in views.values():
        view.flags.writeable = False
    return views


def one_line(error: BaseException) -> str:
    """What an exception says, as one line of bounded length."""
    try:
        text = " ".join(str(error).split())[:300]
    except Exception:
        text = "its message cannot be printed"
    return f"{type(error).__name__}: {text}"
