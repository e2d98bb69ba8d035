"""`python -m oracle merge`: join the shards of a campaign into one report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from oracle.commands.options import add_out, add_timeout, register_of
from oracle.commands.usage import EXIT_CODES, UsageError
from oracle.commands.verify import conclude, open_folder


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its options."""
    text = "join the shards of a campaign into the report that one run would have given"
    parser = commands.add_parser(
        "merge",
        help=text,
        description=text,
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shards", nargs="+", type=Path, metavar="DIR", help="what `verify --shard` wrote")
    add_out(parser)
    add_timeout(parser)
    parser.set_defaults(run=_merge)


def _merge(arguments: argparse.Namespace) -> int:
    from oracle.campaign.header import JournalError
    from oracle.campaign.shards import join

    register = register_of(arguments)
    try:
        outcome = join(arguments.shards)
    except JournalError as error:
        raise UsageError(f"merge: {error}") from None
    folder = open_folder(arguments.out)
    try:
        return conclude(outcome, folder, register, arguments.shrink, arguments.case_timeout)
    finally:
        folder.abandon()
