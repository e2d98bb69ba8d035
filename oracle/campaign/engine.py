"""Where tasks run: one seam, `concurrent.futures.Executor`.

here       in this process, one after the other: for tests and small campaigns from Python
processes  worker processes of this machine
dask       a Dask cluster, of this machine or behind a scheduler's address
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from oracle.campaign.workers import Workers, stop_server


@dataclass(frozen=True)
class Engine:
    """Where a campaign's tasks run.

    Parameters
    ----------
    executor : Executor
        Runs tasks.
    width : callable
        How many it runs at once, now.
    alone : Executor
        Runs cases under suspicion, on this machine; a case that ends its process fails alone.
    ahead : int
        Tasks that are kept under way for each that runs.
    """

    executor: Executor
    width: Callable[[], int]
    alone: Executor
    ahead: int = 2


class Here(Executor):
    """An executor that runs what it is given at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn(*args)`; an interrupt escapes."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def here() -> Engine:
    """The engine of this process alone."""
    executor = Here()
    return Engine(executor, lambda: 1, executor, ahead=1)


@contextmanager
def processes(count: int) -> Iterator[Engine]:
    """An engine of worker processes; however this ends, none of them is left."""
    workers = Workers(count)
    try:
        yield Engine(workers, lambda: count, workers)
    except KeyboardInterrupt:
        workers.shutdown(wait=False, cancel_futures=True)
        stop_server()
        raise
    except BaseException:
        workers.shutdown(cancel_futures=True)
        raise
    else:
        workers.shutdown()
