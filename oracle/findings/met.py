"""What a campaign met: its first failing cases shrunk, grouped, and looked up in the register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from oracle.campaign.outcome import Outcome
from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.findings.groups import CASES, Group, examine, grouped
from oracle.findings.register import Finding, stale
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.verdict import Verdict


@dataclass(frozen=True)
class Met:
    """What a campaign met.

    Parameters
    ----------
    groups : list of Group
        Its first failing cases, new faults before registered findings.
    excused : mapping of Verdict to int
        Failing cases that are registered findings, by the verdict on them.
    stale : list of Finding
        Findings that say that this torch shows them, and it does not.
    """

    groups: list[Group] = field(default_factory=list)
    excused: Counter[Verdict] = field(default_factory=Counter)
    stale: list[Finding] = field(default_factory=list)


def meet(outcome: Outcome, candidate: Candidate, register: Sequence[Finding], most: int = CASES) -> Met:
    """Shrink the first failing cases of a campaign, and look them up.

    Parameters
    ----------
    outcome : Outcome
        What came out of the campaign.
    candidate : Candidate
        The side that was put beside the reference.
    register : sequence of Finding
        Registered findings; they are checked, too.
    most : int
        Cases to shrink; those beyond are not excused.
    """
    shrunk = list(examine(_drawn(outcome, most), candidate, register))
    verdicts = {row["case"]: Verdict(row["verdict"]) for row in outcome.account.failing}
    excused = Counter(verdicts[each.case_id] for each in shrunk if each.finding)
    groups = sorted(grouped(shrunk), key=lambda group: group.finding is not None)
    return Met(groups, excused, stale(list(register), candidate))


def _drawn(outcome: Outcome, most: int) -> Iterator[tuple[str, Case]]:
    plan = outcome.plan
    for row in outcome.account.failing[:most]:
        dtype, _, index = row["case"].partition("/")
        yield row["case"], draw_case(plan.seed, dtype, int(index), load_profile(plan.profile), plan.ops)
