"""`python -m oracle findings`: check the register of known disagreements, and write its pages."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.commands.candidate import isolated_candidate
from oracle.commands.options import add_findings, add_timeout, register_of
from oracle.commands.usage import EXIT_CODES, UsageError, say, writing

if TYPE_CHECKING:
    from oracle.candidates.protocol import Candidate
    from oracle.findings.observed import Observed
    from oracle.findings.register import Finding


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its options."""
    text = "check the register of known disagreements against the installed torch, and write its pages"
    parser = commands.add_parser(
        "findings",
        help=text,
        description=text,
        epilog=EXIT_CODES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_findings(parser)
    add_timeout(parser)
    new = parser.add_argument_group("a new finding")
    new.add_argument("--add", metavar="CASE", help="register what this case shows, shrunk")
    new.add_argument("--id", metavar="NAME", help="its name: a-z, 0-9 and -")
    new.add_argument("--title", metavar="TEXT", help="one line that says what is wrong")
    parser.set_defaults(run=_findings)


def _findings(arguments: argparse.Namespace) -> int:
    from oracle.campaign.isolated import script_of
    from oracle.findings import observed
    from oracle.findings.register import OURS, FindingError, torch_version
    from oracle.judge.judge import judge
    from oracle.report.findings_pages import pages

    written = OURS or arguments.findings is not None
    folder = _folder(arguments, written)
    register = list(register_of(arguments).findings)
    try:
        seen = observed.load(folder)
    except FindingError as error:
        raise UsageError(f"--findings: {error}") from None
    with isolated_candidate(arguments.case_timeout) as candidate:
        if arguments.add is not None:
            register.append(_added(arguments, register, candidate, folder))
        kept: list[Finding | Observed] = [*register, *seen]
        cases = {each.id: each.case for each in kept if each.case is not None}
        said = {name: judge(case, candidate, sample=True) for name, case in cases.items()}
        scripts = {each.id: script_of(each.case, said[each.id], candidate) for each in register}
        shows = {each.id: each.shown_by(candidate) is not None for each in register}
    shows |= {each.id: said[each.id].verdict.fails for each in seen if each.case is not None}
    if written:
        with writing(folder):
            for name, text in pages(register, said, scripts, seen).items():
                (folder / name).write_text(text, encoding="utf-8")
    here = torch_version()
    told = [f"{each.id}: {_told(each, shows[each.id], here)}" for each in register]
    for each in seen:
        beside = f"; {_told(each, shows[each.id], here)}" if each.id in shows else ""
        told.append(f"{each.id}: observed, excuses nothing{beside}")
    count = f"{len(register)} findings{f', and {len(seen)} observed' if seen else ''}"
    say([*told, f"{count}; {'pages ' * written}in {folder}", *candidate.told])
    return int(any(here in each.torch and not shows.get(each.id, True) for each in kept))


def _folder(arguments: argparse.Namespace, written: bool) -> Path:
    """The folder of the register, made where it is written to."""
    from oracle.findings.register import FOLDER

    if arguments.add is None and (arguments.id is not None or arguments.title is not None):
        raise UsageError("--id, --title: belong to --add CASE")
    if arguments.add is not None and not written:
        raise UsageError("--add: needs --findings DIR, a folder of your own")
    folder: Path = arguments.findings or FOLDER
    if written:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--findings: {folder}: {error.strerror}; name a folder") from None
    return folder


def _told(finding: Finding | Observed, shows: bool, here: str) -> str:
    listed = here in finding.torch
    if shows:
        return f"shown by torch {here}" if listed else f"shown by torch {here}, too: add it to the list"
    return f"stale: torch {here} does not show it" if listed else f"not shown by torch {here}"


def _added(
    arguments: argparse.Namespace, register: list[Finding], candidate: Candidate, folder: Path
) -> Finding:
    """Shrink a case, and register what is left of it."""
    from oracle.case import CaseError
    from oracle.findings.drafts import conditions
    from oracle.findings.groups import examine, grouped
    from oracle.findings.register import ID, Finding, torch_version
    from oracle.report.load import ReportError
    from oracle.report.replay import locate

    if not ID.fullmatch(arguments.id or "") or not arguments.title:
        raise UsageError("--add: needs --id, of a-z, 0-9 and -, and --title")
    path = folder / f"{arguments.id}.json"
    if path.exists():
        raise UsageError(f"--id: {path} exists")
    try:
        case = locate(arguments.add)
    except (CaseError, ReportError) as error:
        raise UsageError(f"--add: {error}") from None
    groups = grouped(examine([("file", case)], candidate, register))
    if not groups:
        raise UsageError("--add: the case does not fail")
    (group,) = groups
    if group.finding:
        raise UsageError(f"--add: it is the finding {group.finding.id}")
    first = group.first
    finding = Finding(
        arguments.id,
        arguments.title,
        first.failure.op,
        first.failure.verdict,
        first.failure.side,
        conditions(group),
        first.case,
        dict(first.said.certificate) if first.said else {},
        (torch_version(),),
    )
    with writing(path):
        path.write_text(finding.dumps(), encoding="utf-8")
    return finding
