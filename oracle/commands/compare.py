"""`python -m oracle compare`: what changed between two reports."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from oracle.commands.usage import UsageError, say


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its options."""
    text = "say what changed between two reports; exit code 1 where something got worse"
    parser = commands.add_parser("compare", help=text, description=text, allow_abbrev=False)
    parser.add_argument("before", type=Path, metavar="A", help="the folder of a report")
    parser.add_argument("after", type=Path, metavar="B", help="that of a later one")
    parser.set_defaults(run=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    from oracle.report.compare import compare, told
    from oracle.report.load import ReportError, load_report

    try:
        found = compare(load_report(arguments.before), load_report(arguments.after))
    except ReportError as error:
        raise UsageError(f"compare: {error}") from None
    say(told(found))
    return int(bool(found.worse))
