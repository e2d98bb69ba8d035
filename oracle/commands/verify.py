"""`python -m oracle verify`: draw random networks, run both sides, judge them, write a report."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.commands.candidate import isolated_candidate
from oracle.commands.options import add_how, add_out, add_what, limits_of, plan_of, register_of
from oracle.commands.usage import EXIT_CODES, INFRASTRUCTURE, BrokenError, UsageError, complain, go_on, say

if TYPE_CHECKING:
    from oracle.campaign.engine import Engine
    from oracle.campaign.header import Header
    from oracle.campaign.journal import Journal
    from oracle.campaign.outcome import Outcome
    from oracle.campaign.plan import Plan
    from oracle.findings.register import Register
    from oracle.report.folder import Folder
    from oracle.report.progress import Progress


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its options."""
    text = "draw random networks, run both sides, judge them, write a report"
    parser = commands.add_parser(
        "verify",
        help=text,
        description=text,
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_what(parser.add_argument_group("what is drawn"))
    add_how(parser.add_argument_group("where and for how long"))
    add_out(parser)
    parser.set_defaults(run=_verify)


def open_folder(path: Path | None, resume: bool = False) -> Folder:
    """The folder of `--out`."""
    from oracle.report.folder import LATEST, Folder, FolderError

    try:
        return Folder(path or LATEST, replace=path is None, resume=resume)
    except FolderError as error:
        raise UsageError(f"--out: {error}") from None


def _verify(arguments: argparse.Namespace) -> int:
    from oracle.campaign.environment import versions
    from oracle.campaign.header import Header, JournalError
    from oracle.campaign.journal import Journal

    register = register_of(arguments)
    header = Header(plan_of(arguments), versions(), shard=arguments.shard)
    folder = open_folder(arguments.out, arguments.resume)
    journal = Journal(header, folder.path)
    try:
        if folder.finished and arguments.resume:
            return _finished(folder.path, header.plan, arguments)
        try:
            journal.begin()
        except JournalError as error:
            raise UsageError(f"--out: {error}") from None
        return _campaign(arguments, journal, folder, register)
    finally:
        journal.close()
        folder.abandon()  # nothing, once something is in it


def _finished(path: Path, plan: Plan, arguments: argparse.Namespace) -> int:
    """Say once more what came out of a campaign that needs nothing more."""
    from dataclasses import replace

    from oracle.case import CaseError
    from oracle.report.load import ReportError, load_document
    from oracle.report.replay import plan_of as its_plan
    from oracle.report.terminal import terminal

    try:
        report = load_document(path)
        done = its_plan(report, str(path))
    except (ReportError, CaseError) as error:
        raise UsageError(f"--resume: {error}") from None
    if replace(plan, cases=done.cases) != done or (plan != done and arguments.minutes is None):
        raise UsageError(f"--resume: {path}: holds the report of another campaign; name another folder")
    say(terminal(report, path))
    return int(report["gate"]["exit_code"])


def _campaign(arguments: argparse.Namespace, journal: Journal, folder: Folder, register: Register) -> int:
    """Judge what is missing; what goes wrong is told with what is kept and how to go on."""
    from oracle.campaign.header import JournalError
    from oracle.campaign.workers import EngineError
    from oracle.report.progress import Progress

    header = journal.header
    for name in journal.damaged:
        say([f"{folder.path}: {name}: damaged; its cases are judged again"], error=True)
    cases = None if arguments.minutes else header.plan.sized(header.chunks)
    progress = Progress(cases, journal.account.cases)
    try:
        outcome = _run(arguments, journal, progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_kept(arguments, journal)) from None
    except (EngineError, JournalError) as error:
        return complain(f"{error}; {_kept(arguments, journal)}", INFRASTRUCTURE)
    except OSError as error:
        where = f"{error.filename or folder.path}: {error.strerror or error}"
        return complain(f"{where}; {_kept(arguments, journal)}", INFRASTRUCTURE)
    finally:
        progress.close()
    if header.shard != (1, 1):
        return _shard_done(outcome, header, folder.path)
    try:
        return conclude(outcome, folder, register, arguments.shrink, arguments.case_timeout)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_kept(arguments, journal)) from None
    except BrokenError as error:
        raise BrokenError(f"{error}; {_kept(arguments, journal)}") from None


def _run(arguments: argparse.Namespace, journal: Journal, progress: Progress) -> Outcome:
    import time

    from oracle.campaign.cases import Job
    from oracle.campaign.environment import cores
    from oracle.campaign.outcome import outcome_of
    from oracle.campaign.run import Run

    header = journal.header
    jobs = min(arguments.jobs or cores(), len(header.chunks))
    job = Job(header.plan, limits_of(arguments, jobs))
    start = time.perf_counter()
    if journal.missing():
        with _engine(arguments, jobs) as engine:
            Run(job, journal, engine, progress, arguments.minutes)()
    journal.settle()
    return outcome_of(journal, jobs, time.perf_counter() - start)


def _engine(arguments: argparse.Namespace, jobs: int) -> AbstractContextManager[Engine]:
    from oracle.campaign import engine

    if arguments.engine == "dask":
        from oracle.campaign.cluster import dask

        return dask(arguments.scheduler, jobs)
    return engine.processes(jobs)


def _kept(arguments: argparse.Namespace, journal: Journal) -> str:
    """How far a campaign came, and how to go on with it."""
    cases = journal.kept()
    of = "" if arguments.minutes else f" of {journal.header.plan.sized(journal.header.chunks):,}"
    if not cases:
        return f"after 0{of} cases; no report was written"
    return f"after {cases:,}{of} cases, {go_on(arguments)}"


def conclude(outcome: Outcome, folder: Folder, register: Register, shrink: int, seconds: float) -> int:
    """Look failing cases up, write the report, remove the journal, and say what came out."""
    from oracle.campaign.gate import exit_code, gate
    from oracle.campaign.header import HEADER
    from oracle.campaign.journal import retire
    from oracle.findings.met import meet
    from oracle.report.terminal import terminal
    from oracle.report.write import build

    with isolated_candidate(seconds) as candidate:
        met = meet(outcome, candidate, register, shrink)
    say(candidate.told, error=True)
    failures = gate(outcome, met.excused, [finding.id for finding in met.stale])
    report, files = build(outcome, failures, met)
    try:
        folder.write(files)
        if (folder.path / HEADER).exists():
            retire(folder.path)
    except OSError as error:  # what was found must not be lost with it
        say(terminal(report, None))
        why = error.strerror or str(error)
        kept = "; its cases are kept: --resume writes it" if (folder.path / HEADER).exists() else ""
        return complain(f"{folder.path}: the report could not be written: {why}{kept}", INFRASTRUCTURE)
    say(terminal(report, folder.path))
    return exit_code(failures)


def _shard_done(outcome: Outcome, header: Header, path: Path) -> int:
    """What can be said of a shard alone: lost cases; all else is asked, and looked up, by merge."""
    from oracle.campaign.gate import exit_code, single

    lost = [failure for failure in single(outcome) if failure.exit_code == INFRASTRUCTURE]
    found = [failure for failure in single(outcome) if failure not in lost]
    say(
        [
            f"shard {header.told} of campaign {header.plan.identity[:16]}: {outcome.compared:,} cases judged",
            *(f"✗ {failure.message}" for failure in lost),
            *(f"{failure.subject}: {failure.count} cases, to be looked up by merge" for failure in found),
            f"in {path}; when all shards are there: python -m oracle merge DIR… --out DIR",
        ]
    )
    return exit_code(lost)
