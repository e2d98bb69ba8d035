"""`python -m oracle shrink`: the smallest case that fails in the same way, and its torch script."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.commands.candidate import isolated_candidate
from oracle.commands.options import add_timeout
from oracle.commands.usage import EXIT_CODES, UsageError, go_on, integer, say, writing

if TYPE_CHECKING:
    from oracle.case import Case
    from oracle.shrink.shrinker import Shrinker, State

BUDGET = 3000  # oracle.shrink.shrinker.BUDGET, which a test holds equal
CASE, SCRIPT, STATE = "case.json", "torch_script.py", "shrink.json"


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its options."""
    text = "find the smallest case that fails in the same way, and write it as a script for torch"
    parser = commands.add_parser(
        "shrink",
        help=text,
        description=text,
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", metavar="CASE", help="a case file, or REPORT_DIR:CASE_ID")
    parser.add_argument(
        "--budget", type=integer(1, 10**9), default=BUDGET, metavar="N",
        help=f"judgements to spend at most (default: {BUDGET})",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help=f"folder for {CASE}, {SCRIPT} and {STATE}; without it the script is printed",
    )  # fmt: skip
    parser.add_argument(
        "--resume",
        action="store_true",
        help=f"go on from the {STATE} of --out",
    )
    add_timeout(parser)
    parser.set_defaults(run=_shrink)


def _shrink(arguments: argparse.Namespace) -> int:
    from oracle.campaign.isolated import script_of
    from oracle.case import CaseError, dumps
    from oracle.judge.judge import judge
    from oracle.report.load import ReportError
    from oracle.report.replay import describe, locate
    from oracle.shrink.canonical import canonical
    from oracle.shrink.shrinker import Shrinker, difference
    from oracle.shrink.state import StateError

    out: Path | None = arguments.out
    try:
        case = locate(arguments.case)
        state = _held(case, out, arguments.resume)
    except (CaseError, ReportError, StateError) as error:
        raise UsageError(f"shrink: {error}") from None
    with isolated_candidate(arguments.case_timeout) as candidate:
        shrinker = Shrinker(candidate, arguments.budget)
        last = _run(shrinker, state or _start(shrinker, case), case, arguments)
        small = canonical(last.case)
        said = judge(small, candidate, sample=True)
        text = script_of(small, said, candidate)
    if out is not None:
        with writing(out):
            (out / CASE).write_text(dumps(small), encoding="utf-8")
            (out / SCRIPT).write_text(text, encoding="utf-8")
    say([*describe(small, said), ""])
    say([f"written to {out}"] if out else text.splitlines())
    spent = "" if last.done else f"; the budget is spent, and --budget {2 * arguments.budget} would go on"
    say([f"{difference(case, small)}; {last.judged} judgements{spent}", *candidate.told])
    return int(said.verdict.fails)


def _held(case: Case, out: Path | None, resume: bool) -> State | None:
    """The state that an earlier run left in the folder; `None` where this is the first."""
    from oracle.shrink.state import load, source

    if resume:
        if out is None:
            raise UsageError("--resume: needs the folder of the earlier run as --out")
        return load(out / STATE, source(case))
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
            held = next(out.iterdir(), None)
        except OSError as error:
            raise UsageError(f"--out: {out}: {error.strerror}; name a new or empty folder") from None
        if held:
            raise UsageError(f"--out: {out} holds {held.name}; name a new or empty folder, or add --resume")
    return None


def _start(shrinker: Shrinker, case: Case) -> State:
    from oracle.shrink.shrinker import NothingToShrinkError

    try:
        return shrinker.start(case)[0]
    except NothingToShrinkError as error:
        raise UsageError(f"shrink: {error}") from None


def _run(shrinker: Shrinker, state: State, case: Case, arguments: argparse.Namespace) -> State:
    """Shrink, and keep the state on the disk."""
    from oracle.shrink.state import dump, source

    out, origin = arguments.out, source(case)
    steps = shrinker.steps(state)
    try:
        while True:
            if out is not None:
                partial = out / f"{STATE}.partial"
                with writing(out):
                    partial.write_text(dump(state, origin), encoding="utf-8")
                    partial.replace(out / STATE)
            smaller = next(steps, None)
            if smaller is None:
                return state
            state = smaller
    except KeyboardInterrupt:
        kept = f", {go_on(arguments)}" if out else ""
        raise KeyboardInterrupt(f"after {state.judged} judgements{kept}") from None
