"""The judge: are the two sides' outputs and gradients the same up to rounding?

Cheapest first; each step decides or passes on.

1. structure   a side raised, or tensors cannot be compared
2. screen      the difference is smaller than any rounding
3. rounding    the difference is explained by the spread under rounding noise
4. branches    a straddled decision: each side must match one branch pattern
5. float64     where rounding hides more than the tensor itself, the same values in float64 decide
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate, Result
from oracle.case import Case
from oracle.judge.compare import Errors, measure, non_finite_pattern, structure
from oracle.judge.tolerance import FLOOR, Rounding, Spread, explain, screened, spread
from oracle.judge.verdict import CaseVerdict, TensorVerdict, Verdict
from oracle.numbers.noise import UNIT
from reference.backprop import gradients

Array = NDArray[Any]
Key = tuple[str, str]  # (role, name)
MAX_STRADDLED = 6  # decisions whose branch patterns are enumerated: 2⁶
SAMPLE = 32  # one screened case in so many is put before the rule all the same
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
    return _Judge(case, candidate, sample).run()


class _Judge:
    """One case on its way through the steps."""

    def __init__(self, case: Case, candidate: Candidate, sample: bool | None) -> None:
        self.case = case
        self.candidate = candidate
        index = case.origin.index if case.origin else 0
        self.sample = index % SAMPLE == SAMPLE - 1 if sample is None else sample
        self.clock = Clock()
        self.found: dict[Key, TensorVerdict] = {}
        self.straddled = 0
        self.loose = False

    def run(self) -> CaseVerdict:
        messages: dict[str, str] = {}
        sides: dict[str, Result] = {}
        for side, call in (("reference", self._reference), ("candidate", self._candidate)):
            try:
                sides[side] = call()
            except Exception as error:
                messages[side] = f"{type(error).__name__}: {_one_line(error)}"
            self.clock.lap(side)
        if messages:
            told = "; ".join(
                f"{side}: {messages.get(side, 'computed')}" for side in ("reference", "candidate")
            )
            return CaseVerdict(
                self.case.case_id, Verdict.ERROR, self._last_op(), "structure", (), told,
                seconds=self.clock.seconds,
            )  # fmt: skip
        self.reference, self.result = _tensors(sides["reference"]), _tensors(sides["candidate"])
        self._compare()
        return self._worst()

    def _reference(self) -> Result:
        return Result(*gradients(self.case.architecture, self.case.leaves, self.case.cotangents))

    def _candidate(self) -> Result:
        return self.candidate(self.case.architecture, self.case.leaves, self.case.cotangents)

    # --- steps ---

    def _compare(self) -> None:
        for key, fault in structure(self.reference, self.result).items():
            self._decide(key, Verdict.ERROR, "structure", reason=fault)
        keys = [key for key in self.reference if key not in self.found]
        if not keys:
            return
        pairs = [(self.reference[key], self.result[key]) for key in keys]
        errors = measure([a for a, _ in pairs], [b for _, b in pairs])
        passed = screened(errors, np.array([np.size(a) for a, _ in pairs]), self.case.dtype)
        for position, key in enumerate(keys):
            if passed[position]:
                self._agree(key, "screen", errors, position)
        self.clock.lap("screen")
        rest = [(position, key) for position, key in enumerate(keys) if not passed[position]]
        if rest or self.sample:
            self._rounding(keys, errors, {key for _, key in rest})

    def _rounding(self, keys: list[Key], errors: Errors, rest: set[Key]) -> None:
        noise = spread(self.case)
        self.straddled = len(noise.straddled)
        floors = self._floors(keys, errors)
        rejected: list[Key] = []
        hidden: list[Key] = []
        for position, key in enumerate(keys):
            rule = self._explain(key, self.reference[key], noise, floors)
            if key not in rest:
                self.loose |= not rule.explained
                self._decide(key, self.found[key].verdict, "screen", errors, position, rule.limit)
            elif not rule.explained:
                rejected.append(key)
                self._decide(
                    key, Verdict.DISAGREE, "rounding", errors, position, rule.limit, "beyond rounding"
                )
            elif rule.limit > 1:
                hidden.append(key)
                self._hidden(key, errors, position, rule, floors)
            else:
                self._agree(key, "rounding", errors, position, rule.limit)
        self.clock.lap("rounding")
        self._non_finite(rejected)
        if rejected and noise.straddled:
            self._branches(keys, noise, floors)
            self.clock.lap("branches")
        if hidden and self.case.dtype != "float64":
            again = judge(self.case.astype("float64"), self.candidate, sample=False)
            self._take_over(hidden, again)
            self.clock.lap("float64")

    def _explain(self, key: Key, against: Array, noise: Spread, floors: dict[str, float]) -> Rounding:
        value = np.asarray(self.reference[key], np.float64)
        with np.errstate(invalid="ignore"):
            error = np.asarray(self.result[key], np.float64) - np.asarray(against, np.float64)
        return explain(error, value, noise.deviation[key], floors[key[0]])

    def _floors(self, keys: list[Key], errors: Errors) -> dict[str, float]:
        """4u · max |g| over the tensors of each role."""
        floors = {"output": 0.0, "gradient": 0.0}
        for position, (role, _) in enumerate(keys):
            largest = float(errors.largest[position])
            if np.isfinite(largest):
                floors[role] = max(floors[role], FLOOR * UNIT[self.case.dtype] * largest)
        return floors

    def _hidden(
        self, key: Key, errors: Errors, position: int, rule: Rounding, floors: dict[str, float]
    ) -> None:
        """A tensor that drowns in its rounding: zero, or not to be told."""
        largest = floors[key[0]] / (FLOOR * UNIT[self.case.dtype])
        elements = max(np.size(self.reference[key]), 1)
        zero = rule.bound <= _ZERO * largest * np.sqrt(elements)
        if self.case.dtype == "float64" and zero:
            why = "zero up to rounding on both sides"
            self._decide(key, Verdict.VACUOUS, "rounding", errors, position, rule.limit, why)
        else:
            why = f"rounding hides errors up to {rule.limit:.2g} times the tensor"
            self._decide(key, Verdict.UNDECIDED, "rounding", errors, position, rule.limit, why)

    def _non_finite(self, rejected: list[Key]) -> None:
        """NaN and infinities: an error where their places differ, else the finite entries decide."""
        for key in rejected:
            a, b = np.asarray(self.reference[key]), np.asarray(self.result[key])
            if np.isfinite(a).all() and np.isfinite(b).all():
                continue
            pattern = non_finite_pattern(a, b)
            verdict = Verdict.ERROR if pattern else Verdict.UNDECIDED
            reason = pattern or "NaN or infinite on both sides, in the same places"
            self._decide(key, verdict, "structure", reason=reason)

    def _branches(self, keys: list[Key], noise: Spread, floors: dict[str, float]) -> None:
        """Enumerate the branch patterns of straddled decisions; each side must match one."""
        open_ = [key for key in keys if self.found[key].verdict is Verdict.DISAGREE]
        if not open_:
            return
        if len(noise.straddled) > MAX_STRADDLED:
            reason = f"{len(noise.straddled)} straddled decisions; at most {MAX_STRADDLED} are enumerated"
            for key in open_:
                self._redecide(key, Verdict.UNDECIDED, "branches", reason)
            return
        matches: dict[str, set[tuple[bool, ...]]] = {"reference": set(), "candidate": set()}
        for pattern in product((False, True), repeat=len(noise.straddled)):
            run = spread(self.case, dict(zip(noise.straddled, pattern, strict=True)))
            for side, tensors in (("reference", self.reference), ("candidate", self.result)):
                if all(_matches(tensors[key], run, key, floors[key[0]]) for key in keys):
                    matches[side].add(pattern)
        both = matches["reference"] & matches["candidate"]
        if matches["reference"] and matches["candidate"]:
            verdict = Verdict.AGREE if both else Verdict.KINK
            reason = "" if both else f"the sides took different branches of {len(noise.straddled)} decisions"
            for key in open_:
                self._redecide(key, verdict, "branches", reason)

    def _take_over(self, hidden: list[Key], again: CaseVerdict) -> None:
        """What float64 says of tensors that float32 could not tell."""
        said = {(tensor.role, tensor.name): tensor for tensor in again.tensors}
        for key in hidden:
            if key not in said:
                self._redecide(key, Verdict.ERROR, "float64", f"in float64: {again.reason}")
                continue
            tensor = said[key]
            reason = f"in float64: {tensor.reason}" if tensor.reason else ""
            self._redecide(key, tensor.verdict, "float64", reason)

    # --- bookkeeping ---

    def _agree(self, key: Key, step: str, errors: Errors, position: int, limit: float = float("nan")) -> None:
        zero = errors.largest[position] == 0 and errors.largest_error[position] == 0
        verdict = Verdict.VACUOUS if zero else Verdict.AGREE
        reason = "" if not zero else "both sides exactly zero" if np.size(self.reference[key]) else "empty"
        self._decide(key, verdict, step, errors, position, limit, reason)

    def _decide(
        self,
        key: Key,
        verdict: Verdict,
        step: str,
        errors: Errors | None = None,
        position: int = 0,
        limit: float = float("nan"),
        reason: str = "",
    ) -> None:
        role, name = key
        ulps = float("nan") if errors is None else self._ulps(errors, position)
        elements = int(np.size(self.reference[key])) if key in self.reference else 0
        self.found[key] = TensorVerdict(
            name, role, self._op(key), elements, verdict, step, ulps, limit, reason
        )

    def _redecide(self, key: Key, verdict: Verdict, step: str, reason: str) -> None:
        old = self.found[key]
        self.found[key] = TensorVerdict(
            old.name,
            old.role,
            old.op,
            old.elements,
            verdict,
            step,
            old.error_ulp,
            old.detection_limit,
            reason,
        )

    def _ulps(self, errors: Errors, position: int) -> float:
        """Largest error in ulps of the largest entry; infinite where that is 0 and the error is not."""
        largest, error = errors.largest[position], errors.largest_error[position]
        if not np.isfinite(largest) or error == 0:
            return 0.0 if error == 0 else float("nan")
        with np.errstate(over="ignore"):
            return float(error / np.float64(np.spacing(np.dtype(self.case.dtype).type(largest))))

    def _op(self, key: Key) -> str:
        """The op that an output leaves, or the first one that a leaf feeds."""
        role, name = key
        network = self.case.architecture
        if role == "output":
            node = network.nodes.get(name.partition(":")[0])
            return node.op.name if node else ""
        for node_name in network.order:
            if name in network.nodes[node_name].inputs:
                return network.nodes[node_name].op.name
        return ""

    def _last_op(self) -> str:
        return self.case.architecture.nodes[self.case.architecture.order[-1]].op.name

    def _worst(self) -> CaseVerdict:
        network = self.case.architecture
        if any(t.role == "output" and t.verdict is Verdict.DISAGREE for t in self.found.values()):
            for key, tensor in list(self.found.items()):
                if tensor.verdict is Verdict.DISAGREE:
                    self._redecide(key, Verdict.DEFINITION_DIFFERS, tensor.step, tensor.reason)
        tensors = tuple(self.found.values())
        place = {name: position for position, name in enumerate(network.order)}

        def guilt(tensor: TensorVerdict) -> tuple[int, int]:
            """An early output, or the gradient of a leaf that enters late, is nearest to the fault."""
            if tensor.role == "output":
                return tensor.verdict.severity, place.get(tensor.name.partition(":")[0], 0)
            users = [place[n] for n in network.order if tensor.name in network.nodes[n].inputs]
            return tensor.verdict.severity, len(place) - min(users, default=0)

        worst = min(tensors, key=guilt)
        agree = worst.verdict is Verdict.AGREE
        step = max(tensors, key=lambda t: _COST[t.step]).step if agree else worst.step
        reason = f"{worst.role} {worst.name}: {worst.reason}" if worst.reason else ""
        return CaseVerdict(
            self.case.case_id, worst.verdict, "" if agree else worst.op, step, tensors, reason,
            self.straddled, self.loose, self.clock.seconds,
        )  # fmt: skip


_COST = {"structure": 0, "screen": 1, "rounding": 2, "branches": 3, "float64": 4}


def _tensors(result: Result) -> dict[Key, Array]:
    tensors = {("output", name): array for name, array in result.outputs.items()}
    return tensors | {("gradient", name): array for name, array in result.gradients.items()}


def _matches(tensor: Array, run: Spread, key: Key, floor: float) -> bool:
    with np.errstate(invalid="ignore"):
        error = np.asarray(tensor, np.float64) - run.centre[key]
    return explain(error, run.centre[key], run.deviation[key], floor).explained


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def worst_of(verdicts: Mapping[str, int]) -> Verdict | None:
    """The worst verdict that a table of counts holds."""
    held = [Verdict(name) for name, count in verdicts.items() if count]
    return min(held, key=lambda verdict: verdict.severity, default=None)
