"""All plantings that are asked for, wherever workers run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import product

from oracle.campaign.engine import Engine
from oracle.campaign.workers import EngineError
from oracle.faults import fault
from oracle.faults.hunt import SIDES, Outcome, Task, hunt
from oracle.faults.record import Record


def plantings(
    classes: Iterable[str], ops: Iterable[str], dtypes: Iterable[str], seeds: Iterable[int], cases: int
) -> list[Task]:
    """Every class of fault in every op that it concerns, on both sides."""
    concerned = [(name, op) for name in classes for op in ops if fault(name).concerns(op)]
    return [
        Task(name, op, side, dtype, seed, cases)
        for (name, op), side, dtype, seed in product(concerned, SIDES, dtypes, seeds)
    ]


def sample(tasks: list[Task], count: int | None) -> list[Task]:
    """So many of them, at even distances: classes and ops in proportion; all of them for None."""
    if count is None or count >= len(tasks):
        return tasks
    return [tasks[(2 * place + 1) * len(tasks) // (2 * count)] for place in range(count)]


def run(record: Record, engine: Engine, progress: Callable[[Outcome | None], None]) -> dict[Task, str]:
    """Plant what is left, and keep what comes of it.

    Parameters
    ----------
    record : Record
        What was asked for, and what is done.
    engine : Engine
        Where plantings run.
    progress : callable
        Called with every outcome; None for a planting that was lost.

    Returns
    -------
    dict of Task to str
        Plantings that were lost with their worker, and why.
    """
    lost: dict[Task, str] = {}
    under_way: dict[Future[Outcome], Task] = {}

    def settle() -> None:
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            task = under_way.pop(future)
            try:
                outcome = future.result()
            except EngineError:
                raise
            except Exception as error:  # a worker that died: the others go on
                lost[task] = str(error)
                progress(None)
            else:
                record.add(task, outcome)
                progress(outcome)

    for task in record.left:
        under_way[engine.executor.submit(hunt, task)] = task
        while len(under_way) >= engine.ahead * engine.width():
            settle()
    while under_way:
        settle()
    return lost
