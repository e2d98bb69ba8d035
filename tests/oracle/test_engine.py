"""Engines: whoever judges the cases, the outcome is one, and a poisoned case costs itself alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path

import pytest

from oracle.campaign.account import Account
from oracle.campaign.cases import Job
from oracle.campaign.engine import Engine, here, processes
from oracle.campaign.header import Header
from oracle.campaign.journal import Journal
from oracle.campaign.limits import Limits
from oracle.campaign.outcome import Outcome, collect, outcome_of
from oracle.campaign.plan import Plan
from oracle.campaign.run import MOST, Run
from oracle.campaign.workers import PRELOAD, EngineError, WorkerError, Workers
from tests.oracle.candidates import Scaled
from tests.oracle.outcomes import poisonous, without

PLAN = Plan(seed=3, cases=70, profile="median-small", ops=("linear", "relu"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with processes(2) as engine:
        yield engine


@pytest.fixture(scope="module")
def undisturbed() -> Outcome:
    return collect(PLAN)


def test_two_processes_give_the_outcome_of_this_one(engine: Engine, undisturbed: Outcome) -> None:
    found = collect(PLAN, engine)
    assert found.identity == undisturbed.identity
    assert found.coverage == undisturbed.coverage
    assert found.account.verdicts == undisturbed.account.verdicts
    assert found.environment["threads"] == undisturbed.environment["threads"] == 1


def test_poisoned_cases_are_isolated_and_cost_no_others(engine: Engine, undisturbed: Outcome) -> None:
    candidate, kinds = poisonous(PLAN, [("float64", 5), ("float32", 7), ("float64", 40)])
    journal = Journal(Header(PLAN, {}, candidate.name))
    Run(Job(PLAN, Limits(5.0, 2**30), candidate), journal, engine)()
    told = {"kill": "killed its worker (SIGKILL)", "hang": "hung: ", "memory": "MemoryError"}
    assert journal.account.poisoned.keys() == kinds.keys()
    for case, why in journal.account.poisoned.items():
        assert why.startswith(told[kinds[case]])
    found = Outcome(PLAN, journal.account, journal.parts)
    assert without(found, kinds) == without(undisturbed, kinds)


def test_a_worker_that_somebody_kills_costs_no_case(undisturbed: Outcome) -> None:
    with processes(2) as engine:
        killed = []

        def kill_one(account: Account) -> None:
            if not killed and (victim := next(filter(None, engine.executor._processes))):  # type: ignore[attr-defined]
                killed.append(victim.pid)
                os.kill(victim.pid, signal.SIGKILL)

        found = collect(PLAN, engine, progress=kill_one)
    assert killed
    assert found.identity == undisturbed.identity
    assert found.poisoned == 0


def test_a_candidate_that_cannot_be_sent_to_a_worker_poisons_its_cases(engine: Engine) -> None:
    unsendable = Scaled()
    object.__setattr__(unsendable, "call", lambda: None)
    found = collect(replace(PLAN, cases=3), engine, unsendable)
    assert found.poisoned == 6
    assert found.compared == 0


def test_an_interrupt_keeps_what_is_finished() -> None:
    def interrupt(account: Account) -> None:
        raise KeyboardInterrupt

    journal = Journal(Header(PLAN, {}))
    with pytest.raises(KeyboardInterrupt), processes(2) as engine:
        Run(Job(PLAN), journal, engine, interrupt)()
    assert journal.account.cases > 0
    assert journal.missing() != []


def test_time_that_is_over_leaves_a_range_that_can_be_run_again() -> None:
    journal = Journal(Header(replace(PLAN, cases=10**9), {}))
    Run(Job(journal.header.plan), journal, here(), minutes=1e-9)()
    reached = outcome_of(journal)
    assert reached.plan.cases == 32
    assert reached.account.cases == reached.plan.requested
    assert reached.identity == collect(reached.plan).identity
    assert reached.plan.identity == replace(PLAN, cases=32).identity


# --- the executor ---


def test_a_worker_that_dies_fails_its_own_task_alone_and_is_replaced() -> None:
    workers = Workers(1)
    dying, living = workers.submit(os._exit, 9), workers.submit(os.getpid)
    with pytest.raises(WorkerError, match=r"ended its worker \(exit code 9\)"):
        dying.result(timeout=60)
    assert living.result(timeout=60) != os.getpid()
    raising = workers.submit(int, "x")
    with pytest.raises(WorkerError, match="ValueError: invalid literal"):
        raising.result(timeout=60)
    workers.shutdown()
    assert not any(workers._processes)


def test_workers_end_with_their_executor_whatever_they_are_at() -> None:
    workers = Workers(2)
    pids = [workers.submit(os.getpid).result(timeout=60)]
    busy = [workers.submit(time.sleep, 600) for _ in range(3)]
    began = time.monotonic()
    workers.shutdown(cancel_futures=True)
    assert time.monotonic() - began < 5
    assert all(future.done() for future in busy)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_workers_are_forked_by_a_server_of_one_thread() -> None:
    with processes(1) as engine:
        engine.executor.submit(os.getpid).result(timeout=60)
        server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
        assert len(list(Path(f"/proc/{server}/task").iterdir())) == 1
        preloaded = engine.executor.submit(_modules, PRELOAD).result(timeout=60)
    assert preloaded == PRELOAD


def _modules(names: list[str]) -> list[str]:
    return [name for name in names if name in sys.modules]


def test_workers_that_cannot_start_are_no_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oracle.campaign.workers._work", os._exit)
    with processes(1) as engine, pytest.raises(EngineError, match=r"^no worker can be started: [^\n]+$"):
        collect(PLAN, engine)


# --- tasks ---


def test_tasks_hold_more_chunks_once_it_is_known_how_long_one_takes(engine: Engine) -> None:
    run = Run(Job(PLAN), Journal(Header(replace(PLAN, cases=10**6), {})), engine)
    assert run._size() == 1
    run._busy, run._chunks = 1.0, 10
    assert run._size() == 15
    run._busy = 1e-9
    assert run._size() == MOST
    run._todo[0] = range(0, 10)
    assert run._size() == 3  # the last tasks are small, so that no worker is left alone with one


def test_a_window_bounds_the_tasks_under_way(engine: Engine) -> None:
    most: Counter[str] = Counter()
    lock = threading.Lock()

    class Counting(type(engine.executor)):  # type: ignore[misc]
        def __init__(self) -> None: ...

        def submit(self, *args: object) -> object:
            with lock:
                most["now"] += 1
                most["most"] = max(most["most"], most["now"])
            future = engine.executor.submit(*args)  # type: ignore[arg-type]
            future.add_done_callback(lambda _: most.subtract(["now"]))
            return future

    collect(PLAN, replace(engine, executor=Counting()))
    assert most["most"] <= 4
