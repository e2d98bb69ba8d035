"""What came out of a campaign: the verdicts of all chunks, and the identity of the outcome."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from oracle.campaign.evidence import Coverage
from oracle.campaign.plan import Plan, chunk_hash, merkle_root
from oracle.campaign.run import START, Chunk, run
from oracle.candidates.protocol import Candidate
from oracle.judge.verdict import CaseVerdict, Verdict


@dataclass
class Outcome:
    """The outcome of a campaign.

    Parameters
    ----------
    plan : Plan
        What was asked for.
    chunks : list of Chunk
        All chunks, in the plan's order.
    jobs : int
        Number of processes.
    candidate : str
        Name of what was put beside the reference.
    wall_seconds : float
        Time from start to end.
    """

    plan: Plan
    chunks: list[Chunk] = field(default_factory=list)
    jobs: int = 1
    candidate: str = "torch.autograd"
    wall_seconds: float = 0.0

    @cached_property
    def verdicts(self) -> list[CaseVerdict]:
        """Verdicts of all judged cases, in order."""
        return [verdict for chunk in self.chunks for verdict in chunk.verdicts]

    @cached_property
    def counts(self) -> Counter[Verdict]:
        """Number of cases of each verdict."""
        return Counter(verdict.verdict for verdict in self.verdicts)

    @cached_property
    def failing(self) -> list[CaseVerdict]:
        """Cases each of which fails the gate."""
        return [verdict for verdict in self.verdicts if verdict.verdict.fails]

    @cached_property
    def poisoned(self) -> dict[str, str]:
        """Why cases have no verdict, by case id."""
        return {
            f"{chunk.dtype}/{index}": why for chunk in self.chunks for index, why in chunk.poisoned.items()
        }

    @cached_property
    def coverage(self) -> Coverage:
        """What the cases are evidence for."""
        total = Coverage()
        for chunk in self.chunks:
            total.merge(chunk.coverage)
        return total

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Busy seconds of all processes together, by step; without `START`, which a longer run dilutes."""
        total: dict[str, float] = {}
        for chunk in self.chunks:
            for step, duration in chunk.seconds.items():
                total[step] = total.get(step, 0.0) + duration
        total.pop(START, None)
        return total

    @property
    def start_seconds(self) -> float:
        """Seconds that the processes took to judge a first case, beside those of `seconds`."""
        return sum(chunk.seconds.get(START, 0.0) for chunk in self.chunks)

    @property
    def environment(self) -> dict[str, Any]:
        """Environment of the process that ran the first chunk; empty where it was lost."""
        return next((chunk.environment for chunk in self.chunks if chunk.environment), {})

    @cached_property
    def leaves(self) -> list[bytes]:
        """Leaves of the Merkle tree: one hash for each chunk.

        The seed stands before the case id, which names a case within its campaign alone: all cases of
        two small campaigns may agree, and they are not the same cases.
        """
        seed = self.plan.seed
        return [
            chunk_hash(
                (f"{seed}:{verdict.case_id}", verdict.verdict, verdict.op) for verdict in chunk.verdicts
            )
            for chunk in self.chunks
        ]

    @property
    def identity(self) -> str:
        """Merkle root over (case id, verdict, guilty op)."""
        return merkle_root(self.leaves)


def collect(
    plan: Plan,
    jobs: int = 1,
    candidate: Candidate | None = None,
    progress: Callable[[Chunk], None] = lambda chunk: None,
) -> Outcome:
    """Run a campaign to its end.

    Parameters
    ----------
    plan, jobs, candidate
        As for `run`.
    progress : callable
        Called with every chunk, in the plan's order.
    """
    start = time.perf_counter()
    outcome = Outcome(plan, jobs=jobs)
    if candidate is not None:
        outcome.candidate = candidate.name
    with closing(run(plan, jobs, candidate)) as chunks:
        _gather(chunks, outcome, progress)
    outcome.wall_seconds = time.perf_counter() - start
    return outcome


def _gather(chunks: Iterable[Chunk], outcome: Outcome, progress: Callable[[Chunk], None]) -> None:
    for chunk in chunks:
        outcome.chunks.append(chunk)
        progress(chunk)
