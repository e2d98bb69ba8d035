"""A report in words for a terminal: at most 25 lines."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from oracle.campaign.gate import DISAGREE, TOO_LITTLE
from oracle.judge.verdict import Verdict
from oracle.report.certificates import certificate_lines
from oracle.report.summary import (
    SHOWN_DISAGREEMENTS,
    failing,
    limits,
    overview,
    speed,
    step_rows,
    verdict_line,
)

LINES, COLUMNS = 25, 80
WRONG, KNOWN = 12, 6  # lines on what is wrong, where there are so many; where it is all known


def terminal(report: dict[str, Any], folder: Path | None) -> list[str]:
    """The verdict for a terminal.

    Parameters
    ----------
    report : dict
        The report's document.
    folder : Path, optional
        Where the report is; None where it could not be written.
    """
    versus, *sums = overview(report)
    head = [shortened(versus), *_fitted(sums)]
    rest = _fitted([speed(report), *limits(report), *_accuracy(report)])
    tail = [
        f"campaign {report['campaign_identity'][:16]}   outcome {report['outcome_identity'][:16]}",
        *([f"report   {folder}"] if folder else []),
        verdict_line(report),
    ]
    failures = list(_failures(report, folder))
    room = LINES - len(head) - len(rest) - len(tail)
    wanted = min(len(failures), WRONG if report["gate"]["exit_code"] else KNOWN)
    steps = _steps_for_terminal(report)
    if len(steps) > room - wanted:  # what is wrong comes before what took how long
        steps = _steps_for_terminal(report, room - wanted - 1)
    room -= len(steps)
    if len(failures) > room:
        failures = [*failures[: room - 1], f"… and {len(failures) - room + 1} more: see summary.md"]
    return [*head, *steps, *rest, *failures, *tail]


def shortened(line: str, width: int = COLUMNS) -> str:
    """The line, cut where it is wider than the terminal."""
    return line if len(line) <= width else line[: width - 1] + "…"


def wrapped(line: str) -> list[str]:
    """The line in as many as a terminal needs."""
    if len(line) <= COLUMNS:
        return [line]
    return textwrap.wrap(line, COLUMNS, subsequent_indent="      ", break_on_hyphens=False)


def _fitted(lines: Iterable[str]) -> list[str]:
    return [part for line in lines for part in wrapped(line)]


def replay_command(folder: Path, case_id: str) -> str:
    """What to type to see one case again."""
    return f"python -m oracle replay {shlex.quote(f'{folder}:{case_id}')}"


def _steps_for_terminal(report: dict[str, Any], most: int | None = None) -> list[str]:
    """A row for each step, or for the dearest ones."""
    rows = list(step_rows(report))
    if most is not None:
        dearest = sorted(rows, key=lambda row: -float(row[2]))[: max(most, 0)]
        rows = [row for row in rows if row in dearest]
    rows = [("step", "decided", "ms/case", "of the time"), *rows] if rows else []
    return [f"  {step:10} {decided:>8} {cost:>9} {share:>12}" for step, decided, cost, share in rows]


def _accuracy(report: dict[str, Any]) -> Iterator[str]:
    """Either side's error against the certified truth: the largest median of an op, and the largest."""
    for dtype, ops in report["accuracy"].items():
        if ops:
            worst = (
                f"{side} {max(op[side]['0.5'] for op in ops.values()):.2g}, "
                f"{max(op[side]['1.0'] for op in ops.values()):.2g}"
                for side in ("reference", "candidate")
            )
            yield f"ulp in {dtype}, median and worst: {'; '.join(worst)}"


def _failures(report: dict[str, Any], folder: Path | None) -> Iterator[str]:
    """What the gate refused, and the first failing cases with the command that shows one."""
    if report["loose_screen"]:
        yield f"loose screen: it passed {report['loose_screen']} cases that the rule rejects"
    failures = report["gate"]["failures"]
    stale = [failure["subject"] for failure in failures if _is_stale(failure)]
    for failure in failures:
        if failure["exit_code"] != TOO_LITTLE and not _is_stale(failure):
            yield shortened(f"✗ {failure['message']}")
    cases, wrong = report["disagreements"], report["gate"]["exit_code"]
    if cases and folder:
        yield f"see one: {replay_command(folder, cases[0]['case'])}"
    for case in cases[:SHOWN_DISAGREEMENTS] if wrong else []:
        text = f"  {case['case']:14} {case['verdict']} at {case['op']}: {case['reason']}"
        yield from textwrap.wrap(
            text, COLUMNS, initial_indent="  ", subsequent_indent=" " * 17, max_lines=2, placeholder=" …"
        )
    if len(cases) > SHOWN_DISAGREEMENTS and wrong:
        yield f"  … and {failing(report) - SHOWN_DISAGREEMENTS:,} more in cases.parquet"
    if stale:
        yield shortened(f"✗ stale, this version of torch does not show them: {', '.join(stale)}")
    yield from map(shortened, _met(report))
    if report["register"]["unseen"]:
        yield f"  {report['register']['unseen']:,} failing cases were not looked up: --shrink N for more"
    if cases and wrong:
        whole = {key: value for key, value in cases[0]["certificate"].items() if key != "node"}
        yield from (shortened(f"  {line}") for line in certificate_lines(whole))
    for failure in failures:  # last, since a disagreement leaves its op without evidence
        if failure["exit_code"] == TOO_LITTLE:
            yield shortened(f"✗ {failure['message']}")


def _met(report: dict[str, Any]) -> Iterator[str]:
    """New faults, each with its script; then registered findings, each once."""
    known: Counter[tuple[str, str]] = Counter()
    for fault in report["findings"]:
        count = len(fault["cases"])
        if fault["id"]:
            known[fault["id"], fault["title"]] += count
        else:
            yield f"  new: {fault['title']}: {count} cases; {fault['script']}"
    yield from (f"  finding {name}, {count} cases: {title}" for (name, title), count in known.items())


def _is_stale(failure: dict[str, Any]) -> bool:
    """Whether a rule that does not hold speaks of a registered finding."""
    return failure["exit_code"] == DISAGREE and failure["subject"] not in set(Verdict)
