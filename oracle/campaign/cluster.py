"""The Dask engine: a cluster of this machine, or one behind a scheduler's address."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dask as dask_package
from distributed import Client, LocalCluster

from oracle.campaign.engine import Engine
from oracle.campaign.workers import EngineError, Workers

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
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a worker that dies is our business
    alone = Workers(jobs)
    with ExitStack() as stack:
        stack.enter_context(dask_package.config.set(SETTINGS))
        try:
            if address is None:
                cluster = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
                stack.enter_context(cluster)
            client = Client(address or cluster, timeout=PATIENCE)  # type: ignore[no-untyped-call]
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineError(f"no Dask cluster at {address or 'this machine'}: {error}") from None
        executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        try:
            yield Engine(executor, lambda: max(1, len(client.scheduler_info()["workers"])), alone)
        except BaseException:
            executor.shutdown(wait=False)
            alone.shutdown(wait=False, cancel_futures=True)
            raise
        else:
            alone.shutdown()
