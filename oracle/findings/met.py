"""What a campaign met: its failing cases shrunk, looked up in the register, and grouped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow.compute as pc  # type: ignore[import-untyped]

from oracle.campaign.outcome import Outcome
from oracle.candidates.protocol import Candidate
from oracle.findings.groups import CASES, Group, Shrunk, grouped, looked_up
from oracle.findings.register import Finding, Register, stale
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.verdict import FAILING, CaseVerdict, Verdict
from oracle.shrink.shrinker import Shrinker

_NEEDED = ("case", "verdict", "op", "step", "reason", "node")


@dataclass(frozen=True)
class Met:
    """What a campaign met.

    Parameters
    ----------
    groups : list of Group
        Its failing cases, new faults before registered findings.
    excused : mapping of Verdict to int
        Failing cases that are registered findings, by the verdict on them.
    stale : list of Finding
        Findings that say that this torch shows them, and it does not.
    register : Register
        What they were looked up in.
    unseen : int
        Failing cases that nobody looked up, since enough before them were new.
    """

    groups: list[Group] = field(default_factory=list)
    excused: Counter[Verdict] = field(default_factory=Counter)
    stale: list[Finding] = field(default_factory=list)
    register: Register = field(default_factory=Register)
    unseen: int = 0


def meet(outcome: Outcome, candidate: Candidate, register: Register, most: int = CASES) -> Met:
    """Shrink the failing cases of a campaign, and look them up.

    All of them, so that no number of known disagreements fails the gate; unless `most` were new, when it
    fails whatever the rest is.

    Parameters
    ----------
    outcome : Outcome
        What came out of the campaign.
    candidate : Candidate
        The side that was put beside the reference.
    register : Register
        Registered findings; they are checked, too.
    most : int
        New cases to shrink; those beyond are not excused.
    """
    plan, shrinker = outcome.plan, Shrinker(candidate)
    shrunk: list[Shrunk] = []
    excused: Counter[Verdict] = Counter()
    new, seen, failing = 0, 0, list(_failing(outcome))
    for said in failing:
        if new >= most:
            break
        dtype, _, index = said.case_id.partition("/")
        case = draw_case(plan.seed, dtype, int(index), load_profile(plan.profile), plan.ops)
        found = looked_up(said.case_id, case, shrinker, register.findings, said)
        shrunk += [found] if found else []
        seen += 1
        if found and found.finding:
            excused[said.verdict] += 1
        else:
            new += 1
    groups = sorted(grouped(shrunk), key=lambda group: group.finding is not None)
    return Met(groups, excused, stale(register.findings, candidate), register, len(failing) - seen)


def _failing(outcome: Outcome) -> Iterator[CaseVerdict]:
    """The verdicts on all failing cases, without their tensors, in the order of the plan."""
    fails = pc.field("verdict").isin([verdict.value for verdict in FAILING])
    rows = [row for part in outcome.parts for row in part.table().filter(fails).select(_NEEDED).to_pylist()]
    for row in sorted(rows, key=lambda row: outcome.plan.order(row["case"])):
        yield CaseVerdict(
            row["case"],
            Verdict(row["verdict"]),
            row["op"],
            row["step"],
            (),
            row["reason"],
            node=row["node"],
        )
