"""What came out of a campaign: its sums, its rows, and the identity of the outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from oracle.campaign.account import POISONED, Account
from oracle.campaign.cases import START, Job
from oracle.campaign.engine import Engine, here
from oracle.campaign.environment import versions
from oracle.campaign.evidence import Coverage
from oracle.campaign.header import Header
from oracle.campaign.journal import Journal
from oracle.campaign.part import Part
from oracle.campaign.plan import CHUNK, Plan, merkle_root
from oracle.campaign.run import Run
from oracle.candidates.protocol import Candidate
from oracle.judge.verdict import Verdict


@dataclass
class Outcome:
    """The outcome of a campaign.

    Parameters
    ----------
    plan : Plan
        What was asked for, with the range that was reached.
    account : Account
        The sums over its cases.
    parts : list of Part
        Its rows, in the order of the plan's chunks.
    jobs : int
        Number of processes.
    candidate : str
        Name of what was put beside the reference.
    wall_seconds : float
        Time from start to end, of the last run where it was resumed.
    environment : dict
        Of the process that judged the first chunk; empty where it was lost.
    """

    plan: Plan
    account: Account = field(default_factory=Account)
    parts: list[Part] = field(default_factory=list)
    jobs: int = 1
    candidate: str = "torch.autograd"
    wall_seconds: float = 0.0
    environment: dict[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Verdict, int]:
        """Number of cases of each verdict."""
        return {verdict: self.account.verdicts[verdict.value] for verdict in Verdict}

    @property
    def compared(self) -> int:
        """Number of cases that have a verdict, whichever."""
        return self.account.compared

    @property
    def poisoned(self) -> int:
        """Number of cases without a verdict."""
        return self.account.verdicts[POISONED]

    @property
    def coverage(self) -> Coverage:
        """What the cases are evidence for."""
        return self.account.coverage

    @property
    def seconds(self) -> dict[str, float]:
        """Busy seconds of all processes together, by step; without `START`, which a longer run dilutes."""
        return {step: float(spent) for step, spent in self.account.seconds.items() if step != START}

    @property
    def start_seconds(self) -> float:
        """Seconds that the processes took to judge a first case, beside those of `seconds`."""
        return float(self.account.seconds[START])

    @property
    def leaves(self) -> list[bytes]:
        """Leaves of the Merkle tree: one hash for each chunk."""
        return [leaf for part in self.parts for leaf in part.leaves]

    @property
    def identity(self) -> str:
        """Merkle root over (case id, verdict, guilty op)."""
        return merkle_root(self.leaves)


def collect(
    plan: Plan,
    engine: Engine | None = None,
    candidate: Candidate | None = None,
    progress: Callable[[Account], None] = lambda account: None,
) -> Outcome:
    """Run a campaign to its end, its parts in memory.

    Parameters
    ----------
    plan : Plan
        Its inputs.
    engine : Engine, optional
        Where tasks run; this process by default.
    candidate : Candidate, optional
        What to put beside the reference; torch.autograd by default.
    progress : callable
        Called with the account of every part.
    """
    start = time.perf_counter()
    name = Header.candidate if candidate is None else candidate.name
    journal = Journal(Header(plan, versions(), name))
    Run(Job(plan, candidate=candidate), journal, engine or here(), progress)()
    return outcome_of(journal, wall_seconds=time.perf_counter() - start)


def outcome_of(journal: Journal, jobs: int = 1, wall_seconds: float = 0.0) -> Outcome:
    """The outcome of what a journal holds: of the range that it reached."""
    plan, gaps = journal.header.plan, journal.missing()
    if gaps:
        plan = replace(plan, cases=gaps[0].start // len(plan.dtypes) * CHUNK)
    return Outcome(
        plan,
        journal.account,
        journal.parts,
        jobs,
        journal.header.candidate,
        wall_seconds,
        journal.environment,
    )
