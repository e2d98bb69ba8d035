"""Run a campaign: draw and judge, chunk by chunk.

The work is cut into chunks that know nothing of each other, so that one process or many give the same
outcome.  A case that cannot be drawn or judged, or whose worker dies, is **poisoned**: it is counted and
named, and fails the gate as infrastructure.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import forkserver
from typing import Any

import numpy as np

from oracle.campaign.environment import environment
from oracle.campaign.evidence import Coverage
from oracle.campaign.plan import Plan
from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.generate.architectures import featured
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge, one_line
from oracle.judge.verdict import CaseVerdict

START = "start"  # the step that a process's first case is booked to: imports, caches, thread pools


@dataclass
class Chunk:
    """The outcome of one unit of work.

    Attributes
    ----------
    dtype, indices : str, range
        Which cases.
    verdicts : list of CaseVerdict
        In order of their indices, poisoned cases left out.
    coverage : Coverage
        What they are evidence for.
    seconds : dict of str to float
        Time by step, drawing included.
    poisoned : dict of int to str
        Why cases have no verdict, by index.
    environment : dict
        Of the process that ran the campaign's first chunk; else empty.
    """

    dtype: str
    indices: range
    verdicts: list[CaseVerdict] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    seconds: dict[str, float] = field(default_factory=dict)
    poisoned: dict[int, str] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)

    def book(self, seconds: dict[str, float]) -> None:
        """Add time by step."""
        for step, duration in seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + duration


def lost(dtype: str, indices: range, why: str) -> Chunk:
    """A chunk all of whose cases are poisoned for the same reason."""
    return Chunk(dtype, indices, poisoned=dict.fromkeys(indices, why))


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


def run_chunk(plan: Plan, dtype: str, indices: range, candidate: Candidate | None = None) -> Chunk:
    """Draw and judge the cases of one chunk."""
    candidate = candidate or default_candidate()
    chunk = Chunk(dtype, indices)
    if _is_first_chunk():
        start = time.perf_counter()
        _add(Chunk(dtype, indices), plan, indices[0], candidate)
        chunk.book({START: time.perf_counter() - start})
    for index in indices:
        _add(chunk, plan, index, candidate)
    if (dtype, indices.start) == (plan.dtypes[0], 0):
        chunk.environment = environment()
    return chunk


_WARM: list[bool] = []


def _is_first_chunk() -> bool:
    """Whether this process has run no chunk before."""
    first = not _WARM
    _WARM.append(True)
    del _WARM[1:]
    return first


def _add(chunk: Chunk, plan: Plan, index: int, candidate: Candidate) -> None:
    """Draw, judge and count one case; a candidate's `numpy.seterr` ends with it."""
    try:
        start = time.perf_counter()
        with np.errstate(all="ignore"):
            case: Case = draw_case(plan.seed, chunk.dtype, index, load_profile(plan.profile), plan.ops)
            drawn = time.perf_counter()
            verdict = judge(case, candidate)
        judged = time.perf_counter()
        chunk.coverage.add(case.architecture, featured(plan.ops, index)[0], verdict)
    except Exception as error:
        chunk.poisoned[index] = one_line(error)
        return
    chunk.verdicts.append(verdict)
    chunk.book({"draw": drawn - start, **verdict.seconds, "count": time.perf_counter() - judged})


def run(plan: Plan, jobs: int = 1, candidate: Candidate | None = None) -> Generator[Chunk]:
    """Run a campaign.

    Parameters
    ----------
    plan : Plan
        Its inputs.
    jobs : int
        Number of processes; 1 runs in this one.
    candidate : Candidate, optional
        What to put beside the reference; torch.autograd by default.

    Yields
    ------
    Chunk
        In the order of `Plan.chunks`, whatever order they were finished in.

    Notes
    -----
    Closing the generator, or an interrupt, ends the worker processes at once.
    """
    if jobs == 1:
        single_thread()
        for dtype, indices in plan.chunks():
            yield run_chunk(plan, dtype, indices, candidate)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["oracle.campaign.run", "oracle.candidates.torch_autograd"])
    with _interrupts_ignored():  # the server's children inherit it: none of them shows a traceback
        forkserver.ensure_running()
    pool = ProcessPoolExecutor(jobs, context, initializer=_start_worker)
    try:
        yield from _in_order(plan, candidate, pool, 3 * jobs)
    except BaseException as reason:
        _end_workers(pool, with_server=isinstance(reason, KeyboardInterrupt))
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    plan: Plan, candidate: Candidate | None, pool: ProcessPoolExecutor, window: int
) -> Iterator[Chunk]:
    """Keep a bounded number of chunks under way, and hand them out in order."""
    work = plan.chunks()
    under_way: deque[tuple[str, range, Future[Chunk]]] = deque()
    while True:
        for dtype, indices in islice(work, window - len(under_way)):
            under_way.append((dtype, indices, _submit(pool, plan, dtype, indices, candidate)))
        if not under_way:
            return
        dtype, indices, future = under_way.popleft()
        try:
            chunk = future.result()
        except BrokenProcessPool:
            chunk = lost(dtype, indices, "a worker process died")
        except Exception as error:
            chunk = lost(dtype, indices, one_line(error))
        yield chunk


def _submit(
    pool: ProcessPoolExecutor, plan: Plan, dtype: str, indices: range, candidate: Candidate | None
) -> Future[Chunk]:
    """Like `pool.submit`, but a broken pool gives a future that failed, like those under way."""
    try:
        return pool.submit(run_chunk, plan, dtype, indices, candidate)
    except BrokenProcessPool as error:
        failed: Future[Chunk] = Future()
        failed.set_exception(error)
        return failed


def _end_workers(pool: ProcessPoolExecutor, with_server: bool) -> None:
    """End the worker processes, whatever they are at.

    The server that forks them may still be importing torch, and would go on to start workers that find
    nobody: so after an interrupt it ends too, and the next campaign starts another one.
    """
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if with_server and server is not None:
        os.kill(server, signal.SIGKILL)
    for process in list((pool._processes or {}).values()):
        process.terminate()


def _start_worker() -> None:
    """Leave interrupts to the parent, end when it ends, and use one numerical thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    single_thread()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


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
    drawn, candidate = load_profile(profile), default_candidate()
    for index in range(cases):
        if judge(draw_case(seed, dtype, index, drawn, ops), candidate).verdict.fails:
            return index
    return None
