"""Draw and judge cases: what a worker does, wherever it runs.

A worker is given a task, some consecutive chunks, and gives back a part: the file that the journal keeps.
A case that cannot be drawn or judged is **poisoned**: counted, named, and a failure of the infrastructure.
One that ends its worker takes the task with it; `oracle.campaign.quarantine` then finds it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
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
from oracle.judge.judge import judge, judging, located
from oracle.judge.sides import Phases, one_line
from oracle.judge.verdict import Verdict

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
        _start(job, *next(ids(job.plan, chunks)), account)
        rows = [row for number in chunks for row in judge_cases(job, ids(job.plan, [number]), account)]
        where = environment() if chunks.start == 0 else {}
        return encode(job.plan, chunks, rows, account, versions(), where)


def alone(job: Job, dtype: str, index: int) -> tuple[Row, Account]:
    """Judge one case of a task that was lost."""
    with _ONE_AT_A_TIME, job.limits.address_space():
        account = Account()
        _start(job, dtype, index, account)
        (row,) = judge_cases(job, [(dtype, index)], account)
        return row, account


def ids(plan: Plan, chunks: Iterable[int]) -> Iterator[tuple[str, int]]:
    """Dtype and index of every case of some chunks, in order."""
    for number in chunks:
        dtype, indices = plan.chunk(number)
        for index in indices:
            yield dtype, index


def judge_cases(job: Job, cases: Iterable[tuple[str, int]], account: Account) -> list[Row]:
    """Draw, judge and count some cases, one phase of all of them after the other.

    The processor's caches then hold a phase's code and tables, which saves small cases a fifth of their time.
    """
    under_way = [_UnderWay(job, dtype, index, account) for dtype, index in cases]
    going = under_way
    while going:
        going = [case for case in going if case.goes_on()]
    return [case.row for case in under_way]


class _UnderWay:
    """A case on its way from the draw to its row; a candidate's `numpy.seterr` ends with each phase."""

    row: Row

    def __init__(self, job: Job, dtype: str, index: int, account: Account) -> None:
        self._named = f"{dtype}/{index}"
        self._limits, self._account = job.limits, account
        self._phases = _judged(job, dtype, index, account)
        self._spent = 0.0

    def goes_on(self) -> bool:
        """Do the next phase; False where it was the last."""
        start = time.perf_counter()
        try:
            with self._limits.clock(self._spent), np.errstate(all="ignore"):
                next(self._phases)
        except StopIteration as end:
            self.row = end.value
            return False
        except Exception as error:
            self.row = Poisoned(self._named, one_line(error))
            self._account.add(self.row)
            return False
        self._spent += time.perf_counter() - start
        return True


def _judged(job: Job, dtype: str, index: int, account: Account) -> Phases[Row]:
    plan = job.plan
    start = time.perf_counter()
    case = draw_case(plan.seed, dtype, index, load_profile(plan.profile), plan.ops)
    drawn = time.perf_counter() - start
    yield
    row = yield from judging(case, job.candidate or default_candidate(), certify=plan.certifies(index))
    if ran_out_of_memory(row):
        raise MemoryError(row.reason)
    yield
    start = time.perf_counter()
    account.coverage.add(case.architecture, featured(plan.ops, index)[0], row)
    account.add(row)
    account.book({"draw": drawn, **row.seconds, "count": time.perf_counter() - start})
    return row


_started: list[bool] = []


def _start(job: Job, dtype: str, index: int, account: Account) -> None:
    """Judge a process's first case once beforehand, so that no measurement holds its imports and caches."""
    if _started:
        return
    start = time.perf_counter()
    single_thread()
    judge_cases(job, [(dtype, index)], Account())
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
        case = draw_case(seed, dtype, index, drawn, ops)
        said = judge(case, candidate, locate=False)
        if said.verdict is Verdict.UNDECIDED:  # where a node alone may show more; no guilty node is asked for
            said = located(said, case, candidate)
        if said.verdict.fails:
            return index
    return None
