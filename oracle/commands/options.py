"""The options of `verify`: what is drawn, where it runs, and for how long."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.commands.usage import UsageError, integer, known, names, number

if TYPE_CHECKING:
    from oracle.campaign.limits import Limits
    from oracle.campaign.plan import Plan
    from oracle.findings.register import Register

SEEDS = 2**64
MOST_CASES, CASES = 10**9, 1000
CERTIFIED = 0.01  # oracle.campaign.plan.CERTIFY, which a test holds equal: importing it takes a second
SHRUNK = 100  # oracle.findings.groups.CASES, held equal by a test, too
ENGINES = ("processes", "dask")


def add_out(parser: argparse.ArgumentParser) -> None:
    """Add `--out`, and the register that a report is held against."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="a new or empty folder for the report (default: reports/latest, "
        "where an earlier report is replaced)",
    )
    add_findings(parser)
    parser.add_argument(
        "--shrink",
        type=integer(0, 10**6),
        default=SHRUNK,
        metavar="N",
        help="failing cases to shrink that are no known disagreement; the rest are counted as such unseen "
        f"(default: {SHRUNK})",
    )


def add_findings(parser: argparse.ArgumentParser) -> None:
    """Add `--findings`."""
    parser.add_argument(
        "--findings",
        type=Path,
        metavar="DIR",
        help="register of known disagreements, which do not fail the gate (default: the one that comes with "
        "the program; an empty folder excuses nothing)",
    )


def register_of(arguments: argparse.Namespace) -> Register:
    """The findings of `--findings`."""
    from oracle.findings.register import FOLDER, SHIPPED, FindingError, Register, load

    folder = arguments.findings
    try:
        return Register(SHIPPED if folder is None else str(folder), tuple(load(folder or FOLDER)))
    except FindingError as error:
        raise UsageError(f"--findings: {error}") from None


def add_what(group: argparse._ArgumentGroup) -> None:
    """Add what decides which cases are drawn."""
    group.add_argument("--seed", type=integer(0, SEEDS - 1), default=0, metavar="N", help="default: 0")
    group.add_argument(
        "--cases",
        type=integer(1, MOST_CASES),
        metavar="N",
        help=f"number of cases of each dtype (default: {CASES}; with --minutes, as many as it allows)",
    )
    group.add_argument(
        "--profile",
        default="default",
        metavar="NAME",
        help="what is drawn: a file of oracle/generate/profiles (default: default)",
    )
    group.add_argument("--dtype", default="float64,float32", metavar="A,B", help="default: float64,float32")
    group.add_argument(
        "--ops",
        metavar="A,B",
        help="draw only cases that feature one of these ops, and ask the floors of evidence of them alone",
    )
    group.add_argument(
        "--certify",
        type=number(0.0, 1.0, "a share of the cases"),
        default=CERTIFIED,
        metavar="RATE",
        help="share of the cases whose truth is enclosed though both sides agree: it states the error of "
        f"either (default: {CERTIFIED})",
    )


def add_how(group: argparse._ArgumentGroup) -> None:
    """Add what leaves no trace in the outcome."""
    group.add_argument("--jobs", type=integer(1, 4096), metavar="N", help="processes (default: all cores)")
    group.add_argument(
        "--engine", default=ENGINES[0], metavar="NAME", help=f"{' or '.join(ENGINES)} (default: {ENGINES[0]})"
    )
    group.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster (default: one on this machine, --jobs wide)"
    )
    group.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="K/N",
        help="judge the K-th of N parts alone; `merge` joins them",
    )
    group.add_argument("--resume", action="store_true", help="go on with the campaign that --out holds")
    group.add_argument(
        "--minutes",
        type=number(0.01, 1e6, "minutes"),
        metavar="M",
        help="stop after M minutes, and report the range that was reached",
    )
    add_timeout(group)
    group.add_argument(
        "--worker-memory",
        type=_bytes,
        metavar="SIZE",
        help="what a worker may allocate beyond its start, as in 4G (default: a share of the machine's)",
    )


def add_timeout(group: argparse._ActionsContainer) -> None:
    """Add `--case-timeout`."""
    group.add_argument(
        "--case-timeout",
        type=number(0.1, 1e6, "seconds"),
        default=120.0,
        metavar="S",
        help="seconds after which a case counts as hung (default: 120)",
    )


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    number, of = map(int, match.groups()) if match else (0, 0)
    if not 1 <= number <= of:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not K/N with 1 ≤ K ≤ N, as in 2/8")
    return number, of


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([KMGT])(?:i?B)?", text, re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a size as 500M or 4G")
    return int(float(match[1]) * 1024 ** ("KMGT".index(match[2]) + 1))


def plan_of(arguments: argparse.Namespace) -> Plan:
    """The plan that the options ask for.

    Raises
    ------
    UsageError
        If they do not fit together.
    """
    from oracle.campaign.plan import Plan
    from oracle.case import DTYPES
    from oracle.generate.profile import profile_names
    from reference.op import op_names

    profiles = profile_names()
    known("--profile", arguments.profile, profiles, f"there are {', '.join(profiles)}")
    dtypes = names("--dtype", arguments.dtype, DTYPES, f"there are {', '.join(DTYPES)}")
    ops: tuple[str, ...] = ()
    if arguments.ops is not None:
        ops = names("--ops", arguments.ops, op_names(), "the command `ops` lists them")
    known("--engine", arguments.engine, ENGINES, f"there are {', '.join(ENGINES)}")
    if arguments.scheduler is not None and arguments.engine != "dask":
        raise UsageError("--scheduler: goes with --engine dask alone")
    cases = arguments.cases or (CASES if arguments.minutes is None else MOST_CASES)
    plan = Plan(arguments.seed, cases, dtypes, arguments.profile, ops, arguments.certify)
    if arguments.shard != (1, 1) and arguments.minutes is not None:
        raise UsageError("--shard: has a range of its own, and --minutes would leave holes in it")
    if arguments.shard[1] > plan.units:
        raise UsageError(f"--shard: {cases} cases make {plan.units} shards at most")
    return plan


def limits_of(arguments: argparse.Namespace, jobs: int) -> Limits:
    """What a case may take."""
    from oracle.campaign.limits import Limits, physical_memory

    return Limits(arguments.case_timeout, arguments.worker_memory or physical_memory() // jobs)
