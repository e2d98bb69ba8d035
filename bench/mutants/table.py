"""The result as text: a row for each op, then what needs a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from bench.mutants.hunt import Outcome
from bench.mutants.mutants import Mutant
from bench.mutants.register import Key

HEADER = (
    f"{'op':22}{'mutants':>9}{'killed':>9}{'equivalent':>12}{'survivors':>11}"
    f"{'cases until killed: median':>29}{'max':>6}"
)


@dataclass
class Result:
    """What became of the mutants of one subject.

    Parameters
    ----------
    subject : str
        Its name.
    killed : list of Outcome
        Those that every campaign saw.
    equivalent : int
        Number of those that no campaign saw and that the register explains.
    survivors : int
        Number of the others.
    trouble : list of str
        A line for each survivor and each stale entry of the register.
    remarks : list of str
        A line for each registered equivalent that some campaigns saw, but not those of every seed.
    """

    subject: str
    killed: list[Outcome] = field(default_factory=list)
    equivalent: int = 0
    survivors: int = 0
    trouble: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, mutant: Mutant, outcome: Outcome, register: Mapping[Key, str]) -> None:
        """Sort the outcome of a mutant in."""
        if outcome.killed:
            self.killed.append(outcome)
            if mutant.key in register:
                self.trouble.append(f"stale      {mutant}  ({_seen(outcome)})")
        elif mutant.key in register and not outcome.note:
            self.equivalent += 1
            if any(outcome.cases):
                self.remarks.append(f"seen       {mutant}  ({_seen(outcome)})")
        else:
            self.survivors += 1
            self.trouble.append(f"survivor   {mutant}  ({_seen(outcome)})")

    def row(self) -> str:
        """The subject's row of the table."""
        mutants = len(self.killed) + self.equivalent + self.survivors
        return _row(self.subject, mutants, len(self.killed), self.equivalent, self.survivors, self.counts())

    def counts(self) -> list[int]:
        """Cases until the first failure, of every killed mutant and every seed."""
        return [count for outcome in self.killed for count in outcome.cases if count is not None]


def missing(register: Mapping[Key, str], subject: str, mutants: tuple[Mutant, ...]) -> list[str]:
    """A line for each entry of the register whose mutant no longer exists."""
    keys = {mutant.key for mutant in mutants}
    return [
        f"stale      {key[0]}: {key[1]}: {key[2]}  →  {key[3]}  (there is no such mutant)"
        for key in register
        if key[0] == subject and key not in keys
    ]


def total(results: list[Result]) -> str:
    """The last row of the table."""
    counts = [count for result in results for count in result.counts()]
    killed = sum(len(result.killed) for result in results)
    equivalent = sum(result.equivalent for result in results)
    survivors = sum(result.survivors for result in results)
    return _row("all", killed + equivalent + survivors, killed, equivalent, survivors, counts)


def raised(results: list[Result]) -> str:
    """How many mutants were killed by an exception, and not by a verdict."""
    count = sum(bool(outcome.note) for result in results for outcome in result.killed)
    return f"{count} of the killed ones by an exception that left the campaign, the others by a verdict."


def _seen(outcome: Outcome) -> str:
    counts = ", ".join(str(count or "–") for count in outcome.cases)
    return f"cases until killed, by seed: {counts}" + (f"; {outcome.note}" if outcome.note else "")


def _row(name: str, mutants: int, killed: int, equivalent: int, survivors: int, counts: list[int]) -> str:
    middle, worst = (f"{median(counts):g}", str(max(counts))) if counts else ("–", "–")
    return f"{name:22}{mutants:9}{killed:9}{equivalent:12}{survivors:11}{middle:>29}{worst:>6}"
