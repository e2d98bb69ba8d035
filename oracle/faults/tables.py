"""What came of the plantings, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from oracle.faults.hunt import Outcome, Task
from oracle.faults.record import Results

COLUMNS = (
    "plantings",
    "caught",
    "blamed right",
    "cases until caught: median",
    "most",
    "smallest change caught",
)


@dataclass(frozen=True)
class Trouble:
    """A planting that did not come out as it should."""

    task: Task
    what: str

    def __str__(self) -> str:
        where = f"{self.task.fault} in {self.task.op}, {self.task.side}, {self.task.dtype}"
        return f"{where}, seed {self.task.seed}: {self.what}"


def troubles(results: Results) -> list[Trouble]:
    """What was missed or blamed wrongly, and what never changed anything."""
    found = [(task, _trouble(outcome)) for task, outcome in sorted(results.items())]
    return [Trouble(task, what) for task, what in found if what]


def _trouble(outcome: Outcome) -> str:
    if not outcome.bitten:
        return f"changes nothing in {outcome.drawn:,} cases: not planted at all"
    if not outcome.caught:
        return f"missed in {outcome.drawn:,} cases, in {outcome.bitten:,} of which it changed something"
    if not outcome.told:
        return f"{outcome.verdict}, {outcome.guilty}; {outcome.wanted} was due ({outcome.case})"
    return ""


def grouped(results: Results, key: Callable[[Task], str]) -> dict[str, list[Outcome]]:
    """Outcomes by a key of their plantings, in the order of these."""
    groups: dict[str, list[Outcome]] = {}
    for task, outcome in sorted(results.items()):
        groups.setdefault(key(task), []).append(outcome)
    return groups


def table(results: Results, title: str, key: Callable[[Task], str]) -> Iterator[str]:
    """A row for every value of `key`, and one for all."""
    groups = grouped(results, key)
    yield _row(title, *COLUMNS)
    yield _row(*["---"] * (1 + len(COLUMNS)))
    for name, outcomes in sorted(groups.items()):
        yield _row(name, *_cells(outcomes))
    if len(groups) > 1:
        yield _row("all", *_cells(list(results.values())))


def _cells(outcomes: list[Outcome]) -> tuple[str, ...]:
    counts = [outcome.caught for outcome in outcomes if outcome.caught]
    told = sum(outcome.told for outcome in outcomes)
    smallest = min((outcome.size for outcome in outcomes if outcome.caught), default=None)
    return (
        f"{len(outcomes):,}",
        f"{len(counts):,}",
        f"{told:,}",
        f"{median(counts):g}" if counts else "–",
        f"{max(counts):,}" if counts else "–",
        "–" if smallest is None else "not finite" if smallest == float("inf") else f"{smallest:.1e}",
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def by_class(task: Task) -> str:
    """Key of the table of classes."""
    return f"{task.fault}, {task.side}"


def by_op(task: Task) -> str:
    """Key of the table of ops."""
    return task.op
