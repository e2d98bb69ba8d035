"""The Dask engine: a cluster of this machine, or one behind a scheduler's address."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dask as dask_package
from distributed import Client, LocalCluster

from oracle.campaign.engine import Engine
from oracle.campaign.workers import EngineError, Workers, stop_server

PATIENCE = 60  # seconds for the scheduler to answer, and for a first worker to join
SETTINGS = {
    # a LocalCluster that has lost a worker to a case waits for another one, instead of hanging
    "distributed.deploy.lost-worker-timeout": "1h",
    # a task that was lost is looked into at once, not tried on three workers more
    "distributed.scheduler.allowed-failures": 0,
    # workers are forked by the server that has imported torch, as those of the other engine
    "distributed.worker.multiprocessing-method": "forkserver",
}


@contextmanager
def dask(address: str | None, jobs: int) -> Iterator[Engine]:
    """An engine of Dask workers.

    Parameters
    ----------
    address : str, optional
        Of a scheduler; by default a cluster is started on this machine, and ended again.
    jobs : int
        Workers of that cluster, and processes for cases under suspicion.

    Raises
    ------
    EngineError
        If no scheduler answers, or no worker joins.
    """
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what is lost is told in one line of our own
    alone = Workers(jobs)
    with ExitStack() as stack:
        stack.enter_context(dask_package.config.set(SETTINGS))
        stack.enter_context(_ended(alone))
        try:
            if address is None:
                stack.enter_context(cluster := _of_this_machine(jobs))
                stack.enter_context(_workers_killed(cluster))
            client = Client(address or cluster, timeout=PATIENCE)  # type: ignore[no-untyped-call]
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineError(f"no Dask cluster at {address or 'this machine'}: {error}") from None
        executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        stack.callback(executor.shutdown, wait=False)
        yield Engine(executor, lambda: max(1, len(client.scheduler_info()["workers"])), alone)


def _of_this_machine(jobs: int) -> LocalCluster:
    return LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=jobs, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
    )


@contextmanager
def _ended(workers: Workers) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        stop_server()
        raise
    finally:
        workers.shutdown(cancel_futures=True)


@contextmanager
def _workers_killed(cluster: LocalCluster) -> Iterator[None]:
    """At the end, do not wait for what workers are at; after a campaign that is done, it is nothing."""
    try:
        yield
    finally:
        for nanny in cluster.workers.values():
            nanny.auto_restart = False
            if nanny.pid is not None:
                os.kill(nanny.pid, signal.SIGKILL)
