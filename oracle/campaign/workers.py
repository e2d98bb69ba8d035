"""Worker processes, as an executor in which a death costs one task.

The standard library's process pool breaks when a worker dies: every task under way is lost with it, and
nobody can say which one was to blame.  Here each worker has a pipe and a thread of its own, so that a
death fails one future, with the exit code, and the next task gets a new process.

Processes are forked by a server that has imported torch once and never computed with it: a fork after a
multithreaded backward pass hangs, and an import takes seconds.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from oracle.campaign.limits import cause_of_death
from oracle.candidates.protocol import LostError
from oracle.judge.sides import one_line

# The last is what torch imports only when some functions are first called: sympy and 800 other modules.
PRELOAD = ["oracle.campaign.cases", "oracle.candidates.torch_autograd", "torch._dynamo"]
SINGLE = {  # the server has one thread: what others would be at is lost in a fork
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_Item = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


class WorkerError(Exception):
    """A task failed, or ended its process; the message says what is known."""


class EngineError(LostError):
    """Workers cannot be had at all; the message is one line."""


class Workers(Executor):
    """An executor of processes.

    Parameters
    ----------
    count : int
        Number of processes.
    """

    def __init__(self, count: int) -> None:
        start_server()
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._processes: list[BaseProcess | None] = [None] * count
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._serve, args=(i,), daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn(*args)` in a worker."""
        assert not kwargs
        future: Future[Any] = Future()
        self._queue.put((future, fn, args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers after their tasks; with `cancel_futures` at once, whatever they are at."""
        if cancel_futures:
            self._stopped.set()
            for process in filter(None, self._processes):
                process.kill()
        for _ in self._threads:
            self._queue.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _serve(self, place: int) -> None:
        """Hand tasks to one worker after the other, each until it dies."""
        pipe: Connection | None = None
        while (item := self._queue.get()) is not None:
            future, fn, args = item
            if self._stopped.is_set() or not future.set_running_or_notify_cancel():
                future.cancel()
                continue
            try:
                if pipe is None:
                    pipe = self._new(place)
                pipe.send((fn, args))
                done, result = pipe.recv()
            except (EOFError, ConnectionError):
                pipe = None
                future.set_exception(WorkerError(self._buried(place)))
            except Exception as error:  # workers cannot be had, or what was sent cannot be
                future.set_exception(error)
            else:
                future.set_result(result) if done else future.set_exception(WorkerError(result))
        if pipe is not None:
            pipe.close()
            self._buried(place)

    def _new(self, place: int) -> Connection:
        """Start a process, and wait until it answers."""
        if self._stopped.is_set():
            raise EngineError("no worker is started any more")
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        try:
            process.start()
        except (OSError, EOFError) as error:
            raise EngineError(f"no worker can be started: {one_line(error)}") from None
        self._processes[place] = process
        theirs.close()
        if self._stopped.is_set():
            process.kill()
        try:
            ours.recv()
        except (EOFError, ConnectionError):
            raise EngineError(f"no worker can be started: {self._buried(place)}") from None
        return ours

    def _buried(self, place: int) -> str:
        process, self._processes[place] = self._processes[place], None
        assert process is not None
        process.join()
        return cause_of_death(process.exitcode)


def start_server() -> None:
    """Start the server that forks workers, if it does not run yet.

    It and its children inherit that interrupts are ignored, so that none of them shows a traceback, and
    are told where this process has its source from.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    with _interrupts_ignored(), _environment(Path(__file__).parents[2]):
        forkserver.ensure_running()


def stop_server() -> None:
    """End the server at once: it may still be importing torch, and holds the terminal until it is done."""
    server: Any = forkserver._forkserver
    if server._forkserver_pid is not None:
        os.kill(server._forkserver_pid, signal.SIGKILL)
        server._stop()  # waits for its end: else the next campaign would take it for alive


def _work(pipe: Connection) -> None:
    """A worker: do what comes through the pipe; end when the parent does, even amid a task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # what the server has imported is no garbage: collections need not walk through torch
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pipe.send(None)
    while True:
        try:
            fn, args = pipe.recv()
        except EOFError:
            return
        except Exception as error:
            pipe.send((False, one_line(error)))
            continue
        try:
            answer = (True, fn(*args))
        except Exception as error:
            answer = (False, one_line(error))
        pipe.send(answer)


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


@contextmanager
def _environment(source: Path) -> Iterator[None]:
    """Have the server import these very files, wherever it is started, and begin no threads."""
    before = dict(os.environ)
    path = os.pathsep.join(filter(None, [str(source), before.get("PYTHONPATH")]))
    os.environ.update(SINGLE, PYTHONPATH=path)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
