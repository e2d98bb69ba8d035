"""The command line: `python -m oracle …`.

Everything heavy is imported by the command that needs it, so that `--help` answers at once.  What a
user can get wrong raises an error that `main` turns into one line on stderr: what, where, what to do.
"""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from oracle.campaign.plan import Plan
    from oracle.report.folder import Folder

USAGE, INFRASTRUCTURE, INTERRUPTED = 2, 3, 130
SEEDS = 2**64
MOST_CASES = 10**9

EXIT_CODES = """\
exit codes: 0 agree, 1 disagree, 2 bad usage or input, 3 infrastructure (lost
cases, full disk), 4 too little compared, 130 interrupted"""


class UsageError(Exception):
    """Something that the user can put right; the message is one line."""


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
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except KeyboardInterrupt as error:
        if argv is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not spoil the end
        return _complain(f"interrupted {error}", INTERRUPTED)
    except UsageError as error:
        return _complain(str(error), USAGE)
    except OSError as error:
        return _complain(f"{error.filename or 'output'}: {error.strerror or error}", INFRASTRUCTURE)


def _complain(message: str, code: int) -> int:
    say(["backprop-oracle: " + " ".join(message.split())], error=True)
    return code


def say(lines: Iterable[str], error: bool = False) -> None:
    """Print lines; a reader that left early (`| head`) is no error."""
    stream = sys.stderr if error else sys.stdout
    if stream is None:
        return
    try:
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
    except OSError as reason:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # else Python complains at its exit
        if not isinstance(reason, BrokenPipeError) and not error:
            raise


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
    _add_verify(commands)
    replay = commands.add_parser(
        "replay", help="judge one case again", description="Judge one case again.", allow_abbrev=False
    )
    replay.add_argument(
        "case",
        metavar="CASE",
        help="a case file, or REPORT_DIR:CASE_ID, as in reports/latest:float64/17",
    )
    replay.add_argument("--save", type=Path, metavar="FILE", help="write the case to a new file, as JSON")
    replay.set_defaults(run=_replay)
    text = "list every op: attributes, kinks, whether it has a counterpart in torch and can be drawn"
    ops = commands.add_parser("ops", help=text, description=text, allow_abbrev=False)
    ops.set_defaults(run=_ops)
    return parser


def _add_verify(commands: argparse._SubParsersAction[_Parser]) -> None:
    text = "draw random networks, run both sides, judge them, write a report"
    verify = commands.add_parser(
        "verify",
        help=text,
        description=text,
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("--seed", type=_integer(0, SEEDS - 1), default=0, metavar="N", help="default: 0")
    verify.add_argument(
        "--cases",
        type=_integer(1, MOST_CASES),
        default=1000,
        metavar="N",
        help="number of cases of each dtype (default: 1000)",
    )
    verify.add_argument(
        "--profile",
        default="default",
        metavar="NAME",
        help="what is drawn: a file of oracle/generate/profiles (default: default)",
    )
    verify.add_argument("--dtype", default="float64,float32", metavar="A,B", help="default: float64,float32")
    verify.add_argument(
        "--ops",
        metavar="A,B",
        help="draw only cases that feature one of these ops, and ask the floors of evidence of them alone",
    )
    verify.add_argument("--jobs", type=_integer(1, 4096), metavar="N", help="processes (default: all cores)")
    verify.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="a new or empty folder for the report (default: reports/latest, "
        "where an earlier report is replaced)",
    )
    verify.set_defaults(run=_verify)


def _integer(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{_excerpt(text)} is not an integer in {low} … {high}")
        return value

    return read


def _excerpt(text: str) -> str:
    return repr(text) if len(text) <= 40 else repr(text[:37] + "...")


def _names(option: str, text: str, known: Iterable[str], hint: str) -> tuple[str, ...]:
    """The names of a list `A,B`, all of them known."""
    known = tuple(known)
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        _known(option, name, known, hint)
    return names


def _known(option: str, name: str, known: tuple[str, ...], hint: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"{option}: {_excerpt(name)} is unknown{meant}; {hint}")


def _plan(arguments: argparse.Namespace) -> Plan:
    from oracle.campaign.plan import Plan
    from oracle.case import DTYPES
    from oracle.generate.profile import profile_names
    from reference.op import op_names

    profiles = profile_names()
    _known("--profile", arguments.profile, profiles, f"there are {', '.join(profiles)}")
    dtypes = _names("--dtype", arguments.dtype, DTYPES, f"there are {', '.join(DTYPES)}")
    ops: tuple[str, ...] = ()
    if arguments.ops is not None:
        ops = _names("--ops", arguments.ops, op_names(), "the command `ops` lists them")
    return Plan(arguments.seed, arguments.cases, dtypes, arguments.profile, ops)


def _verify(arguments: argparse.Namespace) -> int:
    from oracle.report.folder import LATEST, Folder, FolderError

    plan = _plan(arguments)
    try:
        folder = Folder(arguments.out or LATEST, replace=arguments.out is None)
    except FolderError as error:
        raise UsageError(f"--out: {error}") from None
    try:
        return _campaign(plan, arguments.jobs, folder)
    finally:
        folder.abandon()  # nothing, once a report is in it


def _campaign(plan: Plan, jobs: int | None, folder: Folder) -> int:
    from oracle.campaign.environment import cores
    from oracle.campaign.gate import exit_code, gate
    from oracle.campaign.outcome import collect
    from oracle.report.progress import Progress
    from oracle.report.summary import terminal
    from oracle.report.write import build

    progress = Progress(plan.requested)
    try:
        outcome = collect(plan, min(jobs or cores(), plan.units), progress=progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"after {progress.done} of {plan.requested} cases; no report was written"
        ) from None
    finally:
        progress.close()
    failures = gate(outcome)
    report, files = build(outcome, failures)
    try:
        folder.write(files)
    except OSError as error:  # what was found must not be lost with it
        say(terminal(report, None))
        why = error.strerror or str(error)
        return _complain(f"{folder.path}: the report could not be written: {why}", INFRASTRUCTURE)
    say(terminal(report, folder.path))
    return exit_code(failures)


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
    from oracle.campaign.run import default_candidate, single_thread
    from oracle.judge.judge import judge

    single_thread()
    verdict = judge(case, default_candidate(), sample=True)
    say(describe(case, verdict))
    return int(verdict.verdict.fails)


def _save(path: Path, text: str) -> None:
    """Write a new file, or none at all."""
    try:
        file = path.open("x", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--save: {path}: {error.strerror}; name a new file") from None
    try:
        with file:
            file.write(text)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _ops(arguments: argparse.Namespace) -> int:
    from oracle.report.ops import table

    say(table())
    return 0
