"""Hunting mutants: one campaign for each mutant and seed, stopped at its first failure.

A case that fails while nothing is planted, too, since torch is wrong there, kills no mutant.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from types import FrameType

from bench.mutants.mutants import Mutant, mutants
from bench.mutants.subjects import Subject, subjects

Judge = Callable[[int, int, tuple[str, ...], int], int | None]  # seed, cases, ops, start: the first failure
Map = Callable[..., Iterable["Outcome"]]  # like `map`


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
    position : int
        Which mutant of its subject.
    cases : tuple of (int or None)
        For every seed, the cases that were judged until the first failure; None if there was none.
    note : str
        What else happened: a campaign that raised, or one that took too long.
    """

    position: int
    cases: tuple[int | None, ...]
    note: str = ""

    @property
    def killed(self) -> bool:
        """Whether the campaign of every seed failed."""
        return None not in self.cases


def campaign(seed: int, cases: int, ops: tuple[str, ...], start: int, profile: str, dtype: str) -> int | None:
    """The judge that counts: index of the first case from `start` on that fails, or None.

    A hunt asks whether a case fails, and not whose fault it is.  So the jets, who tell that and cost most of
    a failing case, are heard only where nothing fails without them: all that they can say is one fault more.
    """
    from oracle.campaign.cases import first_failure, single_thread  # late: torch takes a second to import
    from oracle.faults.fault import exchanged
    from oracle.judge import steps, truth
    from oracle.judge.testimony import Testimony

    single_thread()
    unheard = Testimony({}, "not heard", agrees=True)
    with exchanged(truth, hear=lambda *_: unheard), exchanged(steps, hear_of=lambda *_: unheard):
        found = first_failure(seed, cases, profile, ops, dtype, start)
    return first_failure(seed, cases, profile, ops, dtype, start) if found is None else found


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
def processes(count: int) -> Iterator[Map]:
    """A `map` over the tasks of `hunt_one` that runs here, or in `count` processes."""
    if count == 1:
        yield map
        return
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield pool.imap


def hunt_one(task: tuple[Hunt, str, int]) -> Outcome:
    """Run the campaign of every seed on one mutant of a subject."""
    hunt, name, position = task
    notes: list[str] = []
    cases: list[int | None] = []
    for seed, count in zip(hunt.seeds, hunt.cases, strict=True):
        judged, note = _campaign(hunt, all_mutants(name)[position], seed, count)
        cases.append(judged)
        notes += [note] if note else []
    return Outcome(position, tuple(cases), "; ".join(dict.fromkeys(notes)))


def _campaign(hunt: Hunt, mutant: Mutant, seed: int, cases: int) -> tuple[int | None, str]:
    """Cases until the first failure, or None; and what else happened."""
    ops, index = subjects()[mutant.subject].ops, -1
    try:
        with _processor_time(hunt.limit):
            while True:
                with mutant.planted():
                    found = hunt.judge(seed, cases, ops, index + 1)
                if found is None:
                    return None, ""
                index = found
                if not _fails_anyway(hunt.judge, seed, ops, index):
                    return index + 1, ""
    except Hang:
        return None, f"no verdict within {hunt.limit:g} s"
    except Exception as error:
        return 1, f"the campaign raised {type(error).__name__}: {error}".partition("\n")[0]


@cache
def _fails_anyway(judge: Judge, seed: int, ops: tuple[str, ...], index: int) -> bool:
    """Whether a case fails while nothing is planted."""
    return judge(seed, index + 1, ops, index) is not None


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
