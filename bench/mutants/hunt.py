"""Hunting mutants: one campaign for each mutant and seed, stopped at its first failure.

The same campaigns, as far as they killed mutants, must pass while nothing is planted: else their
failures would prove nothing.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from types import FrameType

from bench.mutants.mutants import Mutant, mutants
from bench.mutants.subjects import Subject, subjects

Judge = Callable[[int, int, tuple[str, ...]], int | None]  # seed, cases, ops: index of the first failure
Mapping = Callable[..., Iterable["Outcome"]]  # like `map`


class Hang(KeyboardInterrupt):
    """A campaign used more processor time than it may.

    An interrupt, so that no campaign takes it for a fault of the op.
    """


@dataclass(frozen=True)
class Hunt:
    """How mutants are hunted.

    Parameters
    ----------
    judge : callable
        Runs a campaign.
    seeds : tuple of int
        Its seeds: a mutant is killed when the campaign of each of them fails.
    cases : tuple of int
        Number of cases of the campaign of each seed.
    limit : float
        Seconds of processor time that one campaign may take.
    """

    judge: Judge
    seeds: tuple[int, ...]
    cases: tuple[int, ...]
    limit: float

    def on(self, cases: int) -> Hunt:
        """The same hunt with so many cases for every seed."""
        return replace(self, cases=(cases,) * len(self.seeds))


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant.

    Parameters
    ----------
    position : int or None
        Which mutant of its subject; None: nothing was planted.
    cases : tuple of (int or None)
        For every seed, the cases that were judged until the first failure; None if there was none.
    note : str
        What else happened: a campaign that raised, or one that took too long.
    """

    position: int | None
    cases: tuple[int | None, ...]
    note: str = ""

    @property
    def killed(self) -> bool:
        """Whether the campaign of every seed failed."""
        return None not in self.cases

    def proven_by(self, baseline: Outcome) -> Outcome:
        """This outcome with only those failures that come before any without a mutant."""
        pairs = zip(self.cases, baseline.cases, strict=True)
        kept = (None if failed and count and count >= failed else count for count, failed in pairs)
        return Outcome(self.position, tuple(kept), self.note)


def last_kills(outcomes: list[Outcome], seeds: int) -> tuple[int, ...]:
    """For every seed, the number of cases after which no mutant was killed any more."""
    return tuple(max((outcome.cases[i] or 0 for outcome in outcomes), default=0) for i in range(seeds))


def campaign(seed: int, cases: int, ops: tuple[str, ...], profile: str, dtype: str) -> int | None:
    """The judge that counts: index of the first case of a campaign that fails, or None."""
    from oracle.campaign.cases import first_failure, single_thread  # late: torch takes a second to import

    single_thread()
    return first_failure(seed, cases, profile, ops, dtype)


def sample(subject: Subject, count: int | None) -> tuple[int, ...]:
    """Positions of `count` mutants of a subject, always the same ones; all of them for None."""
    positions = range(len(all_mutants(subject.name)))
    if count is None or count >= len(positions):
        return tuple(positions)
    return tuple(sorted(random.Random(subject.name).sample(positions, count)))


@cache
def all_mutants(subject: str) -> tuple[Mutant, ...]:
    """The mutants of a subject, compiled once in a process."""
    return mutants(subjects()[subject])


@contextmanager
def processes(count: int) -> Iterator[Mapping]:
    """A `map` over the tasks of `hunt_one` that runs here, or in `count` processes."""
    if count == 1:
        yield map
        return
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield pool.imap


def hunt_one(task: tuple[Hunt, str, int | None]) -> Outcome:
    """Run the campaign of every seed on one mutant of a subject, or on none for the position None."""
    hunt, name, position = task
    notes: list[str] = []
    cases: list[int | None] = []
    with nullcontext() if position is None else all_mutants(name)[position].planted():
        for seed, count in zip(hunt.seeds, hunt.cases, strict=True):
            judged, note = _campaign(hunt, subjects()[name], seed, count)
            cases.append(judged)
            notes += [note] if note else []
    return Outcome(position, tuple(cases), "; ".join(dict.fromkeys(notes)))


def _campaign(hunt: Hunt, subject: Subject, seed: int, cases: int) -> tuple[int | None, str]:
    """Cases until the first failure, or None; and what else happened."""
    try:
        with _processor_time(hunt.limit):
            index = hunt.judge(seed, cases, subject.ops)
    except Hang:
        return None, f"no verdict within {hunt.limit:g} s"
    except Exception as error:
        return 1, f"the campaign raised {type(error).__name__}: {error}".partition("\n")[0]
    return (None if index is None else index + 1), ""


@contextmanager
def _processor_time(limit: float) -> Iterator[None]:
    """Raise `Hang` in the block once it has used `limit` seconds of processor time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hang

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
