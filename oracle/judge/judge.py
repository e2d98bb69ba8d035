"""The judge: are the two sides' outputs and gradients the same up to rounding, and if not, who is wrong?

Cheapest first; each step decides or passes on.

structure   a side raised, or tensors cannot be compared
screen      the difference is smaller than any rounding
rounding    the difference is explained by the spread under rounding noise
zeros       both sides say zero: it must be proved
truth       each side is held against the certified truth
branches    a straddled decision: each side must match one branch pattern
float64     where rounding hides more than the tensor itself, the same values in float64 decide

What fails and depends on where both sides leave the finite numbers is undecided (`taint.py`), and so is
what fails under tiny cotangents alone (`underflow.py`).  A case that fails or stays undecided is then
taken apart, to find the node that fails by itself (`locate.py`).
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product

from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.judge.accuracy import has_full_significands
from oracle.judge.locate import Lent, node_cases
from oracle.judge.sides import Phases, finished
from oracle.judge.steps import Steps
from oracle.judge.verdict import CaseVerdict, Verdict

SAMPLE = 128  # one screened case in so many is put before the rule all the same


def judge(
    case: Case,
    candidate: Candidate,
    sample: bool | None = None,
    certify: bool = False,
    locate: bool = True,
) -> CaseVerdict:
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
    certify : bool
        Whether to enclose the truth of an agreeing case, too, and hold both sides against it; not done
        where all values have short significands, which round too seldom to tell.
    locate : bool
        Whether to look for the guilty node of a case that fails or is undecided: what a network hides
        behind many straddled decisions, a node alone may show.

    Returns
    -------
    CaseVerdict
        Also where a side raises: nothing that either side does escapes.
    """
    return finished(judging(case, candidate, sample, certify, locate))


def judging(
    case: Case,
    candidate: Candidate,
    sample: bool | None = None,
    certify: bool = False,
    locate: bool = True,
) -> Phases[CaseVerdict]:
    """The same, with pauses between its phases: see `judge`.

    Of many cases the same phase can so be done in a row, which keeps its code and its tables in the caches
    of the processor.
    """
    if sample is None:
        sample = case.origin is not None and case.origin.index % SAMPLE == SAMPLE - 1
    said = yield from Steps(case, candidate, sample, certify and has_full_significands(case)).phases()
    if not locate or said.verdict.severity > Verdict.UNDECIDED.severity:
        return said
    start = time.perf_counter()
    told = located(said, case, candidate)
    return replace(told, seconds=told.seconds | {"locate": time.perf_counter() - start})


def located(said: CaseVerdict, case: Case, candidate: Candidate) -> CaseVerdict:
    """The verdict with the node that fails by itself, where there is one.

    A node alone sees more than the network: one whose outputs differ shows two definitions where the
    network's outputs hid them, and one that fails has no straddled decision for an excuse.
    """
    layouts = ("", "transposed") if said.verdict.fails else ("",)
    for dtype, inner in product(dict.fromkeys((case.dtype, "float64")), layouts):
        failing = []
        try:
            for name, alone in node_cases(case.astype(dtype), inner):
                verdict = judge(alone, candidate, sample=False, locate=False)
                # an error is found again as one, and what a side raised as something that it raises
                alike = (verdict.verdict is Verdict.ERROR) == (said.verdict is Verdict.ERROR)
                if verdict.verdict.fails and alike and bool(verdict.tensors) == bool(said.tensors):
                    failing.append((name, alone, verdict))
        except Exception:  # the reference cannot run it, or a node is no network: nothing is located
            return said
        if failing:
            name, alone, worst = min(failing, key=lambda found: found[2].verdict.severity)
            said = replace(said, op=alone.architecture.nodes[name].op.name, node=name)
            if said.verdict is Verdict.ERROR:
                return said
            if worst.verdict is Verdict.CANDIDATE_WRONG and dtype != "float64":
                wide = judge(alone.astype("float64"), candidate, sample=False, locate=False)
                if wide.verdict is Verdict.DEFINITION_DIFFERS:  # which float32 hid in the outputs
                    worst, dtype = wide, "float64"
            return replace(
                said,
                verdict=_agreed(said, worst.verdict),
                reason=f"{said.reason}; node {name} alone, {dtype}: {worst.verdict.value}, {worst.reason}",
                certificate={**said.certificate, "node": dict(worst.certificate)},
            )
    return _lent(said, case, candidate) if said.verdict is Verdict.CANDIDATE_WRONG else said


def _lent(said: CaseVerdict, case: Case, candidate: Candidate) -> CaseVerdict:
    """The verdict with the last node whose derivative alone makes the reference fail, where there is one."""
    for name, alone in reversed([*node_cases(case)]):
        verdict = Steps(case, Lent(candidate, name, alone), sample=False, certify=False).run()
        if verdict.verdict is Verdict.CANDIDATE_WRONG:
            why = f"{said.reason}; as the reference is with the derivative of node {name}"
            return replace(said, op=case.architecture.nodes[name].op.name, node=name, reason=why)
    return said


def _agreed(said: CaseVerdict, node: Verdict) -> Verdict:
    """The verdict on a case, given that on the whole and on the guilty node.

    Where a candidate is wrong at a node, and the reference's arithmetic went astray elsewhere in the network
    (a decision that rounding took), the node is what is wrong: no rule was refuted, and no node shows one.
    """
    whole = said.verdict
    if whole is Verdict.REFERENCE_WRONG and not said.refuted:
        return node
    if {whole, node} == {Verdict.CANDIDATE_WRONG, Verdict.DEFINITION_DIFFERS}:
        return Verdict.DEFINITION_DIFFERS
    return min(whole, node, key=lambda verdict: verdict.severity)
