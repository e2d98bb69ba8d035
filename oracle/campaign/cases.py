"""Draw and judge cases: what a worker does, wherever it runs.

A worker is given a task, some consecutive chunks, and gives back a part: the file that the journal keeps.
A case that cannot be drawn or judged is **poisoned**: counted, named, and a failure of the infrastructure.
One that ends its worker takes the task with it; `oracle.campaign.quarantine` then finds it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oracle.campaign.account import Account, Poisoned, Row
from oracle.campaign.environment import environment, versions
from oracle.campaign.limits import NO_LIMITS, Limits, ran_out_of_memory
from oracle.campaign.part import encode
from oracle.campaign.plan import Plan
from oracle.candidates.protocol import Candidate
from oracle.generate.architectures import featured
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.sides import one_line

START = "start"  # the step that a process's first case is booked to: imports, caches, thread pools
_ONE_AT_A_TIME = threading.Lock()  # for a Dask worker with several threads: limits are the process's


@dataclass(frozen=True)
class Job:
    """What every task of a campaign shares.

    Parameters
    ----------
    plan : Plan
        Inputs of the campaign.
    limits : Limits
        What a case may take.
    candidate : Candidate, optional
        What to put beside the reference; torch.autograd by default.
    """

    plan: Plan
    limits: Limits = NO_LIMITS
    candidate: Candidate | None = None


def default_candidate() -> Candidate:
    """The candidate of every campaign that names no other; torch is imported here."""
    from oracle.candidates.torch_autograd import TorchAutograd

    return TorchAutograd()


def single_thread() -> None:
    """One numerical thread for torch and for every BLAS: torch's switch does not reach numpy's."""
    import threadpoolctl  # type: ignore[import-untyped]
    import torch

    torch.set_num_threads(1)
    threadpoolctl.threadpool_limits(1)


def work(job: Job, chunks: range) -> bytes:
    """Judge the cases of some chunks.

    Returns
    -------
    bytes
        A part; see `oracle.campaign.part`.
    """
    with _ONE_AT_A_TIME, job.limits.address_space():
        account = Account()
        cases = list(ids(job.plan, chunks))
        _start(job, *cases[0], account)
        rows = [judge_case(job, dtype, index, account) for dtype, index in cases]
        where = environment() if chunks.start == 0 else {}
        return encode(job.plan, chunks, rows, account, versions(), where)


def alone(job: Job, dtype: str, index: int) -> tuple[Row, Account]:
    """Judge one case of a task that was lost."""
    with _ONE_AT_A_TIME, job.limits.address_space():
        account = Account()
        _start(job, dtype, index, account)
        return judge_case(job, dtype, index, account), account


def ids(plan: Plan, chunks: range) -> Iterator[tuple[str, int]]:
    """Dtype and index of every case of some chunks, in order."""
    for number in chunks:
        dtype, indices = plan.chunk(number)
        for index in indices:
            yield dtype, index


def judge_case(job: Job, dtype: str, index: int, account: Account) -> Row:
    """Draw, judge and count one case; a candidate's `numpy.seterr` ends with it."""
    plan = job.plan
    row: Row
    try:
        start = time.perf_counter()
        with job.limits.clock(), np.errstate(all="ignore"):
            case = draw_case(plan.seed, dtype, index, load_profile(plan.profile), plan.ops)
            drawn = time.perf_counter()
            row = judge(case, job.candidate or default_candidate(), certify=plan.certifies(index))
        judged = time.perf_counter()
        if ran_out_of_memory(row):
            raise MemoryError(row.reason)
        account.coverage.add(case.architecture, featured(plan.ops, index)[0], row)
        account.add(row)
        account.book({"draw": drawn - start, **row.seconds, "count": time.perf_counter() - judged})
    except Exception as error:
        row = Poisoned(f"{dtype}/{index}", one_line(error))
        account.add(row)
    return row


_started: list[bool] = []


def _start(job: Job, dtype: str, index: int, account: Account) -> None:
    """Judge a process's first case once beforehand, so that no measurement holds its imports and caches."""
    if _started:
        return
    start = time.perf_counter()
    single_thread()
    judge_case(job, dtype, index, Account())
    account.book({START: time.perf_counter() - start})
    _started.append(True)


def first_failure(
    seed: int, cases: int, profile: str, ops: tuple[str, ...] = (), dtype: str = "float64", start: int = 0
) -> int | None:
    """Index of the first case of a campaign whose verdict fails the gate; None where there is none.

    No finding is looked up: what torch is known to have wrong fails, too.

    Parameters
    ----------
    seed, cases, profile, ops
        As in `Plan`.
    dtype : {"float32", "float64"}
        Dtype of the cases.
    start : int
        Index to begin at.
    """
    drawn, candidate = load_profile(profile), default_candidate()
    for index in range(start, cases):
        if judge(draw_case(seed, dtype, index, drawn, ops), candidate).verdict.fails:
            return index
    return None
