"""Run a campaign: draw, judge, collect.

The work is cut into chunks that know nothing of each other, so that one process or many give the same
outcome.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice

from oracle.campaign.evidence import Coverage
from oracle.campaign.plan import Plan
from oracle.candidates.protocol import Candidate
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case
from oracle.generate.architectures import featured
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict


@dataclass
class Chunk:
    """The outcome of one unit of work.

    Attributes
    ----------
    dtype, indices : str, range
        Which cases.
    verdicts : list of CaseVerdict
        In order of their indices; empty where the chunk was lost.
    coverage : Coverage
        What they are evidence for.
    seconds : dict of str to float
        Time by step, drawing included.
    lost : str
        Why there are no verdicts; empty if there are.
    """

    dtype: str
    indices: range
    verdicts: list[CaseVerdict] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    seconds: dict[str, float] = field(default_factory=dict)
    lost: str = ""


def single_thread() -> None:
    """One numerical thread for torch and for every BLAS: torch's switch does not reach numpy's."""
    import threadpoolctl
    import torch

    torch.set_num_threads(1)
    threadpoolctl.threadpool_limits(1)


def run_chunk(plan: Plan, dtype: str, indices: range, candidate: Candidate | None = None) -> Chunk:
    """Draw and judge the cases of one chunk."""
    profile = load_profile(plan.profile)
    candidate = candidate or TorchAutograd()
    chunk = Chunk(dtype, indices)
    for index in indices:
        start = time.perf_counter()
        case = draw_case(plan.seed, dtype, index, profile, plan.ops)
        drawn = time.perf_counter()
        verdict = judge(case, candidate)
        judged = time.perf_counter()
        chunk.verdicts.append(verdict)
        chunk.coverage.add(case.architecture, featured(plan.ops, index)[0], verdict)
        for step, seconds in {
            "draw": drawn - start,
            **verdict.seconds,
            "count": time.perf_counter() - judged,
        }.items():
            chunk.seconds[step] = chunk.seconds.get(step, 0.0) + seconds
    return chunk


def run(plan: Plan, jobs: int, done: Callable[[int], None] = lambda cases: None) -> Iterator[Chunk]:
    """Run a campaign.

    Parameters
    ----------
    plan : Plan
        Its inputs.
    jobs : int
        Number of processes; 1 runs in this one.
    done : callable
        Called with the number of cases whenever a chunk is finished.

    Yields
    ------
    Chunk
        In the order of `Plan.chunks`, whatever order they were finished in.
    """
    if jobs == 1:
        single_thread()
        for dtype, indices in plan.chunks():
            yield run_chunk(plan, dtype, indices)
            done(len(indices))
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["oracle.campaign.run"])
    with ProcessPoolExecutor(jobs, context, initializer=single_thread) as pool:
        yield from _in_order(plan, pool, 3 * jobs, done)


def _in_order(plan: Plan, pool: Executor, window: int, done: Callable[[int], None]) -> Iterator[Chunk]:
    """Keep a bounded number of chunks under way, and hand them out in order."""
    work = plan.chunks()
    under_way: list[tuple[str, range, Future[Chunk]]] = []
    try:
        while True:
            for dtype, indices in islice(work, window - len(under_way)):
                under_way.append((dtype, indices, pool.submit(run_chunk, plan, dtype, indices)))
            if not under_way:
                return
            dtype, indices, future = under_way.pop(0)
            yield future.result()
            done(len(indices))
    except BrokenProcessPool:
        lost = [(dtype, indices), *((d, i) for d, i, _ in under_way), *work]
        for dtype, indices in lost:
            yield Chunk(dtype, indices, lost="a worker process died")
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def first_failure(
    seed: int, cases: int, profile: str, ops: tuple[str, ...] = (), dtype: str = "float64"
) -> int | None:
    """Index of the first case of a campaign whose verdict fails the gate; None where there is none.

    Parameters
    ----------
    seed, cases, profile, ops
        As in `Plan`.
    dtype : {"float32", "float64"}
        Dtype of the cases.
    """
    drawn, candidate = load_profile(profile), TorchAutograd()
    for index in range(cases):
        case: Case = draw_case(seed, dtype, index, drawn, ops)
        if judge(case, candidate).verdict.fails:
            return index
    return None
