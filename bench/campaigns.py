"""What large campaigns promise, tried out: `python -m bench.campaigns NAME`.

kills    kill -9 of a worker, the parent or everything at random moments: the outcome stays the same
poison   planted cases that kill, hang and eat memory: exactly these are isolated, on both engines
memory   the parent's memory over a campaign
speed    judged and journalled cases per second beside torch's own time for them, and 2 processes to 1
same     one identity from one process, two, Dask and three merged shards

Every size is an option; nothing is asserted but what must be exact.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

import oracle
from oracle.campaign.account import Account, Row
from oracle.campaign.cases import Job, ids, judge_cases, single_thread
from oracle.campaign.cluster import dask
from oracle.campaign.engine import Engine, Here, processes
from oracle.campaign.environment import cores, versions
from oracle.campaign.header import Header
from oracle.campaign.journal import Journal
from oracle.campaign.limits import Limits
from oracle.campaign.outcome import Outcome, outcome_of
from oracle.campaign.part import encode
from oracle.campaign.plan import Plan
from oracle.campaign.run import Run
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from tests.oracle.outcomes import KINDS, poisonous

ROOT = Path(__file__).parents[1]
CERTIFYING = ("zeros", "truth", "branches", "certify", "float64", "locate")  # steps that need balls or jets


def kills(options: argparse.Namespace) -> None:
    """End processes of a campaign at random moments until it is done, and compare."""
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, seconds = _command(options, Path(folder) / "undisturbed")
        done: Counter[str] = Counter()
        runs = 0
        while not (Path(folder) / "disturbed/report.json").exists():
            runs += 1
            with _started(options, Path(folder) / "disturbed", "--resume") as process:
                while process.poll() is None:
                    time.sleep(draw.uniform(0.5, max(1.0, seconds / options.kills)))
                    if done.total() < options.kills and process.poll() is None:
                        done[_kill(process, draw)] += 1
        found = oracle.load_report(Path(folder) / "disturbed").report
    same = found["outcome_identity"] == undisturbed["outcome_identity"]
    print(f"{dict(done)} in {runs} runs; poisoned {found['cases']['poisoned']}; same outcome: {same}")
    assert same


def _kill(process: subprocess.Popen[bytes], draw: random.Random) -> str:
    """Kill -9: a worker, the parent, or all of the process group."""
    whom = draw.choice(("worker", "parent", "everything"))
    try:
        victims = psutil.Process(process.pid).children(recursive=True)
        if whom == "worker" and victims:
            draw.choice(victims).kill()
        elif whom == "parent":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return "nobody"
    return whom


def poison(options: argparse.Namespace) -> None:
    """Plant poison in cases of different networks, and see who is isolated."""
    plan = _plan(options)
    draw = random.Random(options.seed)
    cases = [(draw.choice(plan.dtypes), index) for index in range(plan.cases)]
    candidate, _ = poisonous(plan, draw.sample(cases, options.poison))
    planted = dict(candidate.poison)
    assert len(planted) == options.poison, "two networks are the same: take another seed"
    everywhere = {
        f"{dtype}/{index}"
        for dtype in plan.dtypes
        for index in range(plan.cases)
        if draw_case(plan.seed, dtype, index, load_profile(plan.profile)).architecture.identity in planted
    }
    for name in options.engine.split(","):
        journal = Journal(Header(plan, versions(), candidate.name))
        start = time.perf_counter()
        with dask(None, options.jobs) if name == "dask" else processes(options.jobs) as engine:
            Run(Job(plan, Limits(options.timeout, 2**30), candidate), journal, engine)()
        found = journal.account.poisoned.keys()
        print(
            f"{name}: {plan.requested} cases, planted {len(everywhere)} ({', '.join(KINDS)}), isolated "
            f"{len(found)}, exactly those: {found == everywhere}; {time.perf_counter() - start:.0f} s",
            flush=True,
        )
        assert found == everywhere


def memory(options: argparse.Namespace) -> None:
    """Print the parent's resident memory as the campaign grows."""
    plan = _plan(options)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Header(plan, versions()), Path(folder))
        journal.begin()
        process = psutil.Process()
        seen: list[tuple[int, float]] = []

        def look(account: Account) -> None:
            done, mib = journal.account.cases, process.memory_info().rss / 2**20
            if not seen or done >= seen[-1][0] + plan.requested / 20:
                seen.append((done, mib))
                print(f"{done:12,} cases {mib:8.0f} MiB", flush=True)

        with rehearsal(plan) if options.rehearse else processes(options.jobs) as engine:
            Run(Job(plan), journal, engine, look)()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        journal.close()
        parts = len(journal.parts)
    grown = max(mib for _, mib in seen) - seen[0][1]
    print(
        f"grew by {grown:.0f} MiB; {parts} parts, {size / journal.account.cases:.0f} bytes a case on the disk"
    )


@contextmanager
def rehearsal(plan: Plan) -> Iterator[Engine]:
    """An engine that judges one row of chunks, and then hands in its rows again under other names.

    The parent does all that it does in a campaign of millions; nobody waits for millions of verdicts.
    """
    turns = len(plan.dtypes)
    judged: dict[str, tuple[list[Row], Account]] = {}
    for number in range(turns):
        account = Account()
        rows = judge_cases(Job(plan), ids(plan, [number]), account)
        judged[plan.dtypes[number]] = rows, account

    class Rehearsal(Here):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            return super().submit(handed_in, *args)

    def handed_in(job: Job, chunks: range) -> bytes:
        rows: list[Row] = []
        account = Account()
        for number in chunks:
            dtype, indices = plan.chunk(number)
            first, its = judged[dtype]
            again = [replace(row, case_id=f"{dtype}/{i}") for row, i in zip(first, indices, strict=False)]
            for row in again:
                account.add(row)
            account.coverage.merge(its.coverage)
            account.book({step: float(spent) for step, spent in its.seconds.items()})
            rows += again
        return encode(plan, chunks, rows, account, versions(), {})

    executor = Rehearsal()
    yield Engine(executor, lambda: 1, executor, ahead=1)


def speed(options: argparse.Namespace) -> None:
    """Cases per second, torch's own time for the same cases, and several processes against one.

    They take turns, and the best of each counts; a machine that others use as well shows in its load.
    """
    plan = _plan(options)
    best: dict[int, tuple[float, Outcome]] = {}
    for turn in range(options.turns):
        for jobs in {1: None, options.jobs: None}:
            load = os.getloadavg()[0]
            seconds, outcome = _timed(plan, jobs)
            print(
                f"turn {turn + 1}: {jobs} processes, {seconds:.1f} s; load before {load:.1f}, {cores()} cores"
            )
            if jobs not in best or seconds < best[jobs][0]:
                best[jobs] = seconds, outcome
    for jobs, (seconds, outcome) in best.items():
        _told(plan, jobs, seconds, outcome)
    print(f"{options.jobs} processes against 1: {best[1][0] / best[options.jobs][0]:.2f}")


def _timed(plan: Plan, jobs: int) -> tuple[float, Outcome]:
    """Run a campaign on processes that have started; seconds of wall time."""
    with tempfile.TemporaryDirectory() as folder, processes(jobs) as engine:
        for future in [engine.executor.submit(single_thread) for _ in range(2 * jobs)]:
            future.result()
        journal = Journal(Header(plan, versions()), Path(folder))
        journal.begin()
        start = time.perf_counter()
        Run(Job(plan), journal, engine)()
        wall = time.perf_counter() - start
        journal.close()
    outcome = outcome_of(journal, jobs, wall)
    return wall - outcome.start_seconds / jobs, outcome


def _told(plan: Plan, jobs: int, seconds: float, outcome: Outcome) -> None:
    """Print cases per second, with and without what encloses the truth, and the time of every step."""
    busy = sum(outcome.seconds.values())
    certifying = sum(spent for step, spent in outcome.seconds.items() if step in CERTIFYING)
    print(
        f"{jobs} processes: {plan.requested / seconds:.0f} cases/s judged and journalled; "
        f"{plan.requested / (seconds - certifying / jobs):.0f} without certification "
        f"({1e3 * certifying / plan.requested:.3f} ms a case); "
        f"all {busy / outcome.seconds['candidate']:.2f} times torch's own time"
    )
    for step, spent in outcome.seconds.items():
        print(f"    {step:10} {1e3 * spent / plan.requested:8.3f} ms a case")


def same(options: argparse.Namespace) -> None:
    """One identity, however a campaign is run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {}
        for title, extra in {"1 process": ("--jobs", "1"), "2 processes": ("--jobs", "2"),
                             "dask": ("--jobs", "2", "--engine", "dask")}.items():  # fmt: skip
            found[title] = _command(options, folder / title.replace(" ", "-"), *extra)[0]
        shards = [folder / f"shard-{k}" for k in (1, 2, 3)]
        for k, shard in enumerate(shards, 1):
            with _started(options, shard, "--shard", f"{k}/3"):
                pass
        _oracle("merge", *map(str, shards), "--out", str(folder / "merged")).wait()
        found["3 shards"] = oracle.load_report(folder / "merged").report
    identities = {
        title: (report["campaign_identity"], report["outcome_identity"]) for title, report in found.items()
    }
    for title, (inputs, outcome) in identities.items():
        print(f"{title:12} campaign {inputs[:16]} outcome {outcome[:16]}")
    assert len(set(identities.values())) == 1


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(options.seed, options.cases, tuple(options.dtype.split(",")), "median-small")


def _oracle(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "oracle", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _started(options: argparse.Namespace, out: Path, *more: str) -> subprocess.Popen[bytes]:
    plan = _plan(options)
    what = ("--seed", plan.seed, "--cases", plan.cases, "--dtype", options.dtype, "--profile", plan.profile)
    jobs = () if "--jobs" in more else ("--jobs", str(options.jobs))
    return _oracle("verify", *map(str, what), "--out", str(out), "--shrink", "0", *jobs, *more)


def _command(options: argparse.Namespace, out: Path, *more: str) -> tuple[dict[str, object], float]:
    start = time.perf_counter()
    with _started(options, out, *more):
        pass
    return oracle.load_report(out).report, time.perf_counter() - start


def main() -> None:
    """Parse the command line and try one thing out."""
    parser = argparse.ArgumentParser(prog="python -m bench.campaigns", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    known = {command.__name__: command for command in (kills, poison, memory, speed, same)}
    parser.add_argument("what", choices=known)
    parser.add_argument("--cases", type=int, default=1000, help="of each dtype (default: 1000)")
    parser.add_argument("--dtype", default="float64,float32")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--turns", type=int, default=1, help="for `speed`")
    parser.add_argument("--rehearse", action="store_true", help="for `memory`: judge one chunk alone")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--poison", type=int, default=60)
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for a case, for `poison`")
    parser.add_argument("--engine", default="processes,dask", help="for `poison`")
    options = parser.parse_args()
    known[options.what](options)


if __name__ == "__main__":
    main()
