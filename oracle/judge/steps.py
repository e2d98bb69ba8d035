"""The steps of the judge, from the cheapest to the dearest; `judge.py` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.judge.accuracy import ulps
from oracle.judge.branches import Branches
from oracle.judge.certificate import certificate
from oracle.judge.compare import Key, alike, measure, non_finite_pattern, structure
from oracle.judge.paths import floors
from oracle.judge.sheet import Sheet
from oracle.judge.sides import SIDES, Array, Clock, Phases, both, finished, one_line
from oracle.judge.taint import tainted
from oracle.judge.testimony import hear_of
from oracle.judge.tolerance import Spread, explain, screened, spread, widened
from oracle.judge.truth import Finding, Truth, blame, refuted
from oracle.judge.underflow import BENEATH, UNDERFLOWS, beneath, compared, lifted
from oracle.judge.verdict import CaseVerdict, Verdict

PROVED = (Verdict.CANDIDATE_WRONG, Verdict.DEFINITION_DIFFERS)  # of a side that is off the truth alone
NOT_ZERO = "both sides zero; the truth is not, and is within rounding of it"
NEARLY_ZERO = "below 2⁻¹⁶⁰ of the largest of its kind, proved; both sides zero up to rounding"
NO_DIGIT = "in float64 the sides agree; here they have not one binary digit in common"
DISPUTED = 8  # entries of a gradient in which the sides differ most, of which jets are heard


class Steps:
    """One case on its way through the steps.

    Parameters
    ----------
    case, candidate, sample, certify
        As in `oracle.judge.judge.judge`.
    """

    def __init__(self, case: Case, candidate: Candidate, sample: bool, certify: bool) -> None:
        self.case = case
        self.call = candidate
        self.sample = sample
        self.certify = certify
        self.clock = Clock()
        self.sheet = Sheet(case)
        self.reference: dict[Key, Array] = {}
        self.candidate: dict[Key, Array] = {}
        self.holes: dict[Key, NDArray[np.bool_]] = {}
        self.truth = Truth(case, self.holes)
        self.floors: dict[Key, float] = {}
        self.wide: Spread | None = None
        self.heard: dict[Key, str] = {}
        self.in_float64: dict[Key, Steps] = {}  # the run that told of a tensor

    def run(self) -> CaseVerdict:
        """The verdict."""
        return finished(self.phases())

    def phases(self) -> Phases[CaseVerdict]:
        """The reference, the candidate, the steps, and pauses in between."""
        tensors, messages, notes = yield from both(self.case, self.call, self.clock)
        yield
        self.clock.resume()
        if messages:
            told = "; ".join(f"{side}: {messages.get(side, 'computed')}" for side in SIDES)
            return self.sheet.raised(told, self.clock.seconds, notes)
        self.reference, self.candidate = (tensors[side] for side in SIDES)
        try:
            yield from self._compare()
            if self.sheet.fails:
                # a node by itself has nothing behind its pole: what is finite was held against the truth
                alone = len(self.case.architecture.nodes) == 1
                self.sheet.excuse(tainted(self.case, self.call), PROVED if alone else ())
                self.sheet.excuse(self._underflowed())
            said = self.sheet.verdict(self.clock.seconds)
            if said.verdict.fails and said.verdict is not Verdict.ERROR:
                worst = self.sheet.worst()
                said = replace(said, certificate=self.in_float64.get(worst, self).certificate(worst))
        except Exception as error:  # an op that leaves the vocabulary, say; the campaign goes on
            return self.sheet.raised(f"the judge: {one_line(error)}", self.clock.seconds)
        return said

    def certificate(self, key: Key) -> Mapping[str, Any]:
        """The certificate of one tensor."""
        witness = self.heard.get(key) or self.truth.testimony.told
        return certificate(key, self.truth, witness, self.reference[key], self.candidate[key])

    def _compare(self) -> Phases[None]:
        for key, fault in structure(self.reference, self.candidate).items():
            self.sheet.write(
                key, Verdict.ERROR, "structure", fault, int(np.size(self.reference.get(key, ())))
            )
        keys = [key for key in self.reference if key not in self.sheet.found]
        if not keys:
            return
        errors = measure([self.reference[key] for key in keys], [self.candidate[key] for key in keys])
        passed = screened(errors, self.case.dtype)
        self.sheet.measured(keys, [int(np.size(self.reference[key])) for key in keys], errors, passed)
        self.clock.lap("screen")
        self.floors = floors(self.case, dict(zip(keys, errors.largest.tolist(), strict=True)))
        rest = [key for position, key in enumerate(keys) if not passed[position]]
        noise = None
        if rest or self.sample or self.certify:
            yield
            self.clock.resume()
            noise = self._rounding(keys, rest)
        zeros = [key for key in keys if self.sheet.says_zero(key)]
        if zeros:
            yield
            self.clock.resume()
            self._zeros(keys, zeros, noise)
            self.clock.lap("zeros")
        if self.certify and noise is not None and not self.sheet.fails:
            self._certify(keys, noise)
            self.clock.lap("certify")

    def _rounding(self, keys: list[Key], rest: list[Key]) -> Spread:
        """Put what the screen did not pass before the rule, and the rest before the truth."""
        waiting = {key for key in rest if self._finite(key)}
        noise = spread(self.case, self.holes)
        self.sheet.straddled = len(noise.straddled)
        rejected = []
        for key in keys:
            rule = explain(self._error(key), self._value(key), noise.deviation[key], self.floors[key])
            self.sheet.limit(key, rule.limit)
            if key not in waiting:
                self.sheet.loose |= not rule.explained and self.sheet.found[key].step == "screen"
            elif rule.explained:
                self.sheet.amend(key, Finding(Verdict.AGREE, "rounding"))
            else:
                rejected.append(key)
        self.clock.lap("rounding")
        if rejected:
            self.clock.lap(self._beyond(keys, rejected, noise))
        hidden = [key for key in keys if key in waiting and self.sheet.drowns(key)]
        if hidden:
            self._hidden(hidden)
        return noise

    def _beyond(self, keys: list[Key], rejected: list[Key], noise: Spread) -> str:
        """Differences that are not the reference's rounding: a branch, another algorithm's, or a fault.

        Gives the step that decided.
        """
        self.wide = noise = self.wide or widened(noise, self.case, self.holes)
        sides = {"reference": self.reference, "candidate": self.candidate}
        found = blame(self.truth, rejected, sides, noise, self.floors)
        step = "truth"
        if any(finding.verdict.fails for finding in found.values()):
            branches = Branches(self.truth, sides, noise, self.floors)
            if branches.straddled:
                found, step = found | branches.try_all(keys, rejected), "branches"
        for key, finding in found.items():
            self.sheet.amend(key, self._heard(key, finding))
            if finding.verdict is Verdict.AGREE:  # within the wide bound alone
                rule = explain(self._error(key), self._value(key), noise.deviation[key], self.floors[key])
                self.sheet.limit(key, rule.limit)
        self.sheet.refuted |= refuted(self.truth).keys()
        return step

    def _heard(self, key: Key, finding: Finding) -> Finding:
        """The finding, after the jets were heard of the entries that the sides dispute.

        What the reference's rules give, right or wrong, is no ground to accuse the candidate before they were
        asked right here: a kink may lie elsewhere in the tensor, and what jets bear out over all leaves at
        once is known to 2⁻⁸⁰ of the largest gradient, which this one may lie far below.
        """
        if finding.verdict is not Verdict.CANDIDATE_WRONG or key[0] != "gradient":
            return finding
        worst = np.argsort(-np.abs(self._error(key)).reshape(-1), kind="stable")[:DISPUTED]
        heard = hear_of(self.case, self.truth.enclosures.proof.gradients, key[1], map(int, worst))
        self.heard[key] = heard.told
        if not heard.refuted:
            return finding
        self.sheet.refuted.add(key)
        return Finding(Verdict.REFERENCE_WRONG, "truth", heard.told)

    def _hidden(self, hidden: list[Key]) -> None:
        """Tensors that drown in their rounding: float64 may tell; or the truth is zero."""
        if self.case.dtype != "float64":
            self._again(hidden)
            self.clock.lap("float64")
            return
        enclosures = self.truth.enclosures
        for key in self._reached(hidden, "truth"):
            limit = self.sheet.found[key].detection_limit
            verdict, why = Verdict.UNDECIDED, NOT_ZERO
            unbounded = self.wide is not None and not np.isfinite(self.wide.deviation[key]).all()
            if unbounded or (limit == np.inf and np.any(self._value(key))):
                why = "rounding makes NaN or infinities of it, and hides errors of any size"
            elif enclosures.tensors[key].may_be_zero:
                verdict, why = Verdict.VACUOUS, NEARLY_ZERO
            elif limit < np.inf:
                why = f"rounding hides errors up to {limit:.2g} times the tensor"
            self.sheet.amend(key, Finding(verdict, "truth", why))
        self.clock.lap("truth")

    def _reached(self, keys: list[Key], step: str) -> list[Key]:
        """The tensors whose truth is known; the others are undecided."""
        unreached = self.truth.enclosures.unreached
        for key in unreached.keys() & {*keys}:
            self.sheet.amend(key, Finding(Verdict.UNDECIDED, step, unreached[key]))
        return [key for key in keys if key not in unreached]

    def _zeros(self, keys: list[Key], zeros: list[Key], noise: Spread | None) -> None:
        """Both sides say zero: that is no evidence if it is true, and a fault on both sides if it is not."""
        enclosures = self.truth.enclosures
        others = []
        for key in self._reached(zeros, "zeros"):
            if enclosures.tensors[key].is_zero:
                self.sheet.amend(key, Finding(Verdict.VACUOUS, "zeros", "zero, proved, on both sides"))
            else:
                others.append(key)
        if others:
            self._beyond(keys, others, noise or spread(self.case, self.holes))
            self.sheet.both_off(others)
            hidden = [key for key in others if self.sheet.found[key].verdict is Verdict.AGREE]
            if hidden:
                self._hidden(hidden)

    def _certify(self, keys: list[Key], noise: Spread) -> None:
        """Hold both sides of an agreeing case against the truth, and measure their errors."""
        enclosures = self.truth.enclosures
        reached = [key for key in keys if key not in enclosures.unreached and key not in self.holes]
        for key in reached:
            high = enclosures.tensors[key].high
            off = [
                ulps(self.truth.error(key, side[key], enclosures)[0], high, self.case.dtype)
                for side in (self.reference, self.candidate)
            ]
            self.sheet.accuracy(key, *off)
        agreeing = [key for key in reached if self.sheet.found[key].verdict is Verdict.AGREE]
        before = {key: self.sheet.found[key] for key in agreeing}
        self._beyond(keys, agreeing, noise)
        before |= {key: self.sheet.found[key] for key in self.sheet.both_off(agreeing)}
        told = [self.sheet.found[key].verdict for key in agreeing]
        for key, verdict in zip(agreeing, told, strict=True):
            if not verdict.fails:  # who agreed by an earlier step still does, if branches leave it open
                self.sheet.found[key] = before[key]
        self.sheet.certified = len(reached) == len(keys) and set(told) <= {Verdict.AGREE}

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
            self.sheet.amend(key, Finding(Verdict.ERROR, "structure", pattern))
        elif hole.all():
            why = "NaN or infinite throughout, on both sides"
            self.sheet.amend(key, Finding(Verdict.UNDECIDED, "structure", why))
        self.holes[key] = hole
        self.reference[key], self.candidate[key] = np.where(hole, 0, a), np.where(hole, 0, b)
        return not pattern and not hole.all()

    def _underflowed(self) -> dict[Key, str]:
        """What another order of operations may lose to underflow, and why nothing is told of it."""
        failing = {key for key, tensor in self.sheet.found.items() if tensor.verdict.fails}
        asked = self.case, failing - self.sheet.incomparable, self.reference, self.candidate
        found = dict.fromkeys(beneath(*asked), BENEATH)
        for larger, stake in lifted(*asked):
            again = Steps(larger, self.call, sample=False, certify=False)
            found |= dict.fromkeys(compared(again.run(), again.holes, self.holes) & stake, UNDERFLOWS)
        return found

    def _again(self, hidden: list[Key]) -> None:
        """What float64 says, on the same values, of tensors that float32 could not tell."""
        wide = Steps(self.case.astype("float64"), self.call, sample=False, certify=False)
        again = wide.run()
        self.in_float64 |= dict.fromkeys(hidden, wide)
        said = {(tensor.role, tensor.name): tensor for tensor in again.tensors}
        for key in hidden:
            found = said.get(key)
            if found is None or found.verdict is Verdict.ERROR:  # the candidate may know no float64
                why = f"float64 does not tell: {found.reason if found else again.reason}"
                self.sheet.amend(key, Finding(Verdict.UNDECIDED, "float64", why))
            else:
                reason = f"in float64: {found.reason}" if found.reason else ""
                verdict = found.verdict
                if verdict is Verdict.AGREE and not alike(self.reference[key], self.candidate[key]):
                    verdict, reason = Verdict.UNDECIDED, NO_DIGIT
                self.sheet.amend(key, Finding(verdict, "float64", reason))

    def _value(self, key: Key) -> NDArray[np.float64]:
        return np.asarray(self.reference[key], np.float64)

    def _error(self, key: Key) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(np.asarray(self.candidate[key], np.float64) - self._value(key))
