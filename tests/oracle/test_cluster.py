"""The Dask engine: the outcome of one process, through a real scheduler, and workers that are lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oracle.campaign.account import Account
from oracle.campaign.cases import Job
from oracle.campaign.cluster import dask
from oracle.campaign.header import Header
from oracle.campaign.journal import Journal
from oracle.campaign.limits import Limits
from oracle.campaign.outcome import Outcome, collect
from oracle.campaign.plan import Plan
from oracle.campaign.run import Run
from oracle.campaign.workers import EngineError
from tests.oracle.outcomes import poisonous, without

ROOT = Path(__file__).parents[2]
PLAN = Plan(seed=3, cases=100, profile="median-small", ops=("linear", "relu"))
Processes = tuple[str, list[subprocess.Popen[bytes]]]


@pytest.fixture(scope="module")
def undisturbed() -> Outcome:
    return collect(PLAN)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Processes]:
    """Address of a scheduler, and two workers of it, all of them processes of their own."""
    where = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{kind}",
            "--scheduler-file",
            str(where),
            *options,
        ]
        return subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL)

    processes = [start("scheduler", "--port", "0")]
    processes += [start("worker", "--no-nanny", "--nthreads", "1") for _ in range(2)]
    deadline = time.monotonic() + 60
    while not where.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    try:
        yield json.loads(where.read_text())["address"], processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_worker_of_a_real_cluster_that_is_killed_midway_costs_no_case(
    scheduler: Processes, undisturbed: Outcome
) -> None:
    address, workers = scheduler

    def kill_one(account: Account) -> None:
        workers[0].send_signal(signal.SIGKILL)

    with dask(address, jobs=1) as engine:
        found = collect(PLAN, engine, progress=kill_one)
    assert workers[0].wait() == -signal.SIGKILL
    assert found.identity == undisturbed.identity
    assert found.coverage == undisturbed.coverage
    assert found.poisoned == 0


def test_poisoned_cases_are_isolated_on_a_cluster_too(undisturbed: Outcome) -> None:
    candidate, kinds = poisonous(PLAN, [("float64", 5), ("float32", 7), ("float64", 40)])
    journal = Journal(Header(PLAN, {}, candidate.name))
    with dask(None, jobs=2) as engine:
        Run(Job(PLAN, Limits(5.0, 2**30), candidate), journal, engine)()
    assert journal.account.poisoned.keys() == kinds.keys()
    found = Outcome(PLAN, journal.account, journal.parts)
    assert without(found, kinds) == without(undisturbed, kinds)


def test_a_scheduler_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oracle.campaign.cluster.PATIENCE", 1)
    with (
        pytest.raises(EngineError, match=r"^no Dask cluster at tcp://127.0.0.1:9: [^\n]+$"),
        dask("tcp://127.0.0.1:9", jobs=1),
    ):
        raise AssertionError
