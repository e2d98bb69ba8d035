"""The command line: `python -m oracle …`.

Everything heavy is imported by the command that needs it, so that `--help` answers at once.  What a
user can get wrong raises an error that `main` turns into one line on stderr: what, where, what to do.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from oracle.commands import compare, faults, findings, merge, shrink, verify
from oracle.commands.candidate import isolated_candidate
from oracle.commands.options import add_timeout
from oracle.commands.usage import (
    EXIT_CODES,
    INFRASTRUCTURE,
    INTERRUPTED,
    BrokenError,
    UsageError,
    complain,
    say,
    writing,
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")

    def print_help(self, file: object = None) -> None:
        say([self.format_help().rstrip()])


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        import oracle

        say([f"backprop-oracle {oracle.__version__}"])
        parser.exit()


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without µ or – still gets its line
    try:
        arguments = _parser().parse_args(argv)
        arguments.argv = sys.argv[1:] if argv is None else argv
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except KeyboardInterrupt as error:
        if argv is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not spoil the end
        return complain(f"interrupted {error}", INTERRUPTED)
    except UsageError as error:
        return complain(str(error), error.code)
    except OSError as error:
        return complain(f"{error.filename or 'output'}: {error.strerror or error}", INFRASTRUCTURE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m oracle" if Path(sys.argv[0]).name == "__main__.py" else "backprop-oracle",
        description="Hand-written backpropagation against torch.autograd, with a judge.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (verify, merge, shrink, findings, faults, compare):
        command.add(commands)
    replay = commands.add_parser(
        "replay", help="judge one case again", description="Judge one case again.", allow_abbrev=False
    )
    replay.add_argument(
        "case",
        metavar="CASE",
        help="a case file, or REPORT_DIR:CASE_ID, as in reports/latest:float64/17",
    )
    add_timeout(replay)
    replay.add_argument("--save", type=Path, metavar="FILE", help="write the case to a new file, as JSON")
    replay.set_defaults(run=_replay)
    text = "list every op: attributes, kinks, whether it has a counterpart in torch and can be drawn"
    ops = commands.add_parser("ops", help=text, description=text, allow_abbrev=False)
    ops.set_defaults(run=_ops)
    return parser


def _replay(arguments: argparse.Namespace) -> int:
    from oracle.case import CaseError, dumps
    from oracle.report.load import ReportError
    from oracle.report.replay import describe, locate

    save: Path | None = arguments.save
    try:
        case = locate(arguments.case)
        if save is not None:
            _save(save, dumps(case))
    except (CaseError, ReportError) as error:
        raise UsageError(f"replay: {error}") from None
    from oracle.judge.judge import judge

    with isolated_candidate(arguments.case_timeout) as candidate:
        verdict = judge(case, candidate, sample=True, certify=True)
    say(describe(case, verdict))
    return int(verdict.verdict.fails)


def _save(path: Path, text: str) -> None:
    """Write a new file, or none at all."""
    try:
        file = path.open("x", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--save: {path}: {error.strerror}; name a new file") from None
    try:
        with writing(path), file:
            file.write(text)
    except BrokenError:
        path.unlink(missing_ok=True)
        raise


def _ops(arguments: argparse.Namespace) -> int:
    from oracle.report.ops import table

    say(table())
    return 0
