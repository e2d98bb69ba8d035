"""Cases under suspicion: a task was lost, and one of its cases is to blame, or none.

Each of them is judged once more, alone in a process of this machine.  One that ends its process is
poisoned, with what its exit code says; the others get their verdicts, as if nothing had happened.  So a
machine that is taken away, or a worker that somebody killed, costs time and no case.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import Any

from oracle.campaign.account import Account, Poisoned, Row
from oracle.campaign.cases import Job, alone, ids
from oracle.campaign.environment import environment, versions
from oracle.campaign.part import encode
from oracle.campaign.workers import EngineError, WorkerError
from oracle.judge.sides import one_line


def isolate(job: Job, chunks: range, executor: Executor) -> bytes:
    """Judge the cases of a lost task one by one.

    Parameters
    ----------
    job : Job
        What they share.
    chunks : range
        The task.
    executor : Executor
        Where a task that ends its process fails by itself: `Workers`.

    Returns
    -------
    bytes
        The part that the task would have given, with poisoned cases in it.

    Raises
    ------
    EngineError
        If no process can be started at all.
    """
    account = Account()
    futures = [
        (dtype, index, executor.submit(alone, job, dtype, index)) for dtype, index in ids(job.plan, chunks)
    ]
    rows = [_row(f"{dtype}/{index}", future, account) for dtype, index, future in futures]
    where = _environment(executor) if chunks.start == 0 else {}
    return encode(job.plan, chunks, rows, account, versions(), where)


def _row(case_id: str, future: Future[tuple[Row, Account]], account: Account) -> Row:
    try:
        row, its = future.result()
    except EngineError:
        raise
    except Exception as error:
        poisoned = Poisoned(case_id, str(error) if isinstance(error, WorkerError) else one_line(error))
        account.add(poisoned)
        return poisoned
    account.merge(its)
    return row


def _environment(executor: Executor) -> dict[str, Any]:
    try:
        return executor.submit(environment).result()
    except Exception:
        return {}
