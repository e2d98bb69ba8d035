"""A report in words: at most 25 lines for a terminal, and `summary.md`."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oracle.campaign.gate import DISAGREE, TOO_LITTLE
from oracle.judge.verdict import Verdict
from oracle.report.certificates import certificate_lines

LINES, COLUMNS = 25, 80
BEFORE_AND_AFTER = ("draw", "reference", "candidate", "count")  # steps that decide nothing
SHOWN_DISAGREEMENTS = 3
WRONG = 12  # lines on what is wrong, where there are so many
Row = tuple[str, ...]


def terminal(report: dict[str, Any], folder: Path | None) -> list[str]:
    """The verdict for a terminal.

    Parameters
    ----------
    report : dict
        The report's document.
    folder : Path, optional
        Where the report is; None where it could not be written.
    """
    steps = _steps_for_terminal(report)
    rest = [_speed(report), *_limits(report), *_accuracy(report)]
    tail = [
        f"campaign {report['campaign_identity'][:16]}   outcome {report['outcome_identity'][:16]}",
        *([f"report   {folder}"] if folder else []),
        verdict_line(report),
    ]
    failures = list(_failures(report, folder))
    room = LINES - len(_overview(report)) - len(steps) - len(rest) - len(tail)
    wanted = min(len(failures), WRONG) if report["gate"]["exit_code"] else 0
    if room < wanted:  # what is wrong comes before what took how long
        steps, room = _steps_for_terminal(report, len(steps) + room - wanted - 1), wanted
    head = [*_overview(report), *steps, *rest]
    if len(failures) > room:
        failures = [*failures[: room - 1], f"… and {len(failures) - room + 1} more: see summary.md"]
    return [shortened(line) for line in head] + failures + tail


def verdict_line(report: dict[str, Any]) -> str:
    """PASS or FAIL, with the exit code."""
    code = report["gate"]["exit_code"]
    return f"{'FAIL' if code else 'PASS'}: exit code {code}{' — ' + _MEANING[code] if code else ''}"


_MEANING = {
    1: "the sides disagree, or too many cases decide nothing",
    3: "cases were lost",
    4: "too little was compared",
}


def shortened(line: str, width: int = COLUMNS) -> str:
    """The line, cut where it is wider than the terminal."""
    return line if len(line) <= width else line[: width - 1] + "…"


def replay_command(folder: Path, case_id: str) -> str:
    """What to type to see one case again."""
    return f"python -m oracle replay {shlex.quote(f'{folder}:{case_id}')}"


def _overview(report: dict[str, Any]) -> list[str]:
    ops = ", ".join(report["ops"]) or f"all {len(report['all_ops'])} ops"
    counts = [f"{name} {count:,}" for name, count in reversed(report["verdicts"].items()) if count]
    if report["cases"]["poisoned"]:
        counts.append(f"poisoned {report['cases']['poisoned']:,}")
    tensors = report["tensors"]
    return [
        f"reference against {report['candidate']}: seed {report['seed']}, profile "
        f"{report['profile']['name']}, {ops}",
        f"{report['cases']['requested']:,} cases ({', '.join(report['dtypes'])}): {', '.join(counts)}",
        f"{tensors['compared']:,} tensors, {tensors['elements']:,} entries; worst agreeing error "
        f"{tensors['worst_error_ulp']:.2g} ulp",
    ]


def step_rows(report: dict[str, Any]) -> Iterator[Row]:
    """Per step: share of the cases that it decided, ms per case, share of the time."""
    cases = max(report["cases"]["compared"], 1)
    decided, steps = report["decided_by"], report["throughput"]["steps"]
    for step in dict.fromkeys(("draw", "reference", "candidate", *decided, *steps)):
        time = steps.get(step, {"seconds": 0.0, "share": 0.0})
        count = decided.get(step, 0)
        if count or time["seconds"]:
            share = "" if step in BEFORE_AND_AFTER else f"{100 * count / cases:.1f} %"
            yield step, share, f"{1e3 * time['seconds'] / cases:.3f}", f"{100 * time['share']:.1f} %"


def _steps_for_terminal(report: dict[str, Any], most: int | None = None) -> list[str]:
    """A row for each step, or for the dearest ones."""
    rows = list(step_rows(report))
    dearest = sorted(rows, key=lambda row: -float(row[2]))[:most]
    rows = [("step", "decided", "ms/case", "of the time"), *(row for row in rows if row in dearest)]
    return [f"  {step:10} {decided:>8} {cost:>9} {share:>12}" for step, decided, cost, share in rows]


def _speed(report: dict[str, Any]) -> str:
    speed = report["throughput"]
    return (
        f"{speed['cases_per_second_per_core']:,.0f} cases/s per core; "
        f"{speed['wall_seconds']:.0f} s in {speed['jobs']} process{'es' * (speed['jobs'] > 1)}"
    )


def _limits(report: dict[str, Any]) -> Iterator[str]:
    for dtype, limit in report["detection_limit"].items():
        quantiles = limit["quantiles"]
        if quantiles:
            yield (
                f"detection limit in {dtype}: median {quantiles['0.5']:.1e}, 95 % below "
                f"{quantiles['0.95']:.1e}, of {limit['estimated']:,} tensors"
            )


def _accuracy(report: dict[str, Any]) -> Iterator[str]:
    """Either side's error against the certified truth, over all ops."""
    for dtype, ops in report["accuracy"].items():
        if ops:
            worst = (
                f"{side} {max(op[side]['0.5'] for op in ops.values()):.2g} and "
                f"{max(op[side]['1.0'] for op in ops.values()):.2g}"
                for side in ("reference", "candidate")
            )
            yield f"error in {dtype}, largest median and largest of an op, ulp: {', '.join(worst)}"


def _failures(report: dict[str, Any], folder: Path | None) -> Iterator[str]:
    """What the gate refused, and the first failing cases with the command that shows one."""
    if report["loose_screen"]:
        yield f"loose screen: it passed {report['loose_screen']} cases that the rule rejects"
    failures = report["gate"]["failures"]
    stale = [failure["subject"] for failure in failures if _is_stale(failure)]
    for failure in failures:
        if failure["exit_code"] != TOO_LITTLE and not _is_stale(failure):
            yield shortened(f"✗ {failure['message']}")
    cases = report["disagreements"]
    if cases and folder:
        yield f"see one: {replay_command(folder, cases[0]['case'])}"
    for case in cases[:SHOWN_DISAGREEMENTS]:
        text = f"  {case['case']:14} {case['verdict']} at {case['op']}: {case['reason']}"
        yield from textwrap.wrap(
            text, COLUMNS, initial_indent="  ", subsequent_indent=" " * 17, max_lines=2, placeholder=" …"
        )
    if len(cases) > SHOWN_DISAGREEMENTS:
        yield f"  … and {_failing(report) - SHOWN_DISAGREEMENTS:,} more in cases.parquet"
    if stale:
        yield shortened(f"✗ stale, this version of torch does not show them: {', '.join(stale)}")
    for fault in report["findings"]:
        known = f"finding {fault['id']}" if fault["id"] else "new"
        yield shortened(f"  {known}: {fault['title']}: {len(fault['cases'])} cases; {fault['script']}")
    if report["register"]["unseen"]:
        yield f"  {report['register']['unseen']:,} failing cases were not looked up: --shrink N for more"
    if cases:
        whole = {key: value for key, value in cases[0]["certificate"].items() if key != "node"}
        yield from (shortened(f"  {line}") for line in certificate_lines(whole))
    for failure in failures:  # last, since a disagreement leaves its op without evidence
        if failure["exit_code"] == TOO_LITTLE:
            yield shortened(f"✗ {failure['message']}")


def _is_stale(failure: dict[str, Any]) -> bool:
    """Whether a rule that does not hold speaks of a registered finding."""
    return failure["exit_code"] == DISAGREE and failure["subject"] not in set(Verdict)


def _failing(report: dict[str, Any]) -> int:
    """Failing cases, of which the report names the first."""
    return sum(count for name, count in report["verdicts"].items() if Verdict(name).fails)


# --- Markdown --------------------------------------------------------------------------------


def markdown(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    blocks = [
        "# Agreement report",
        verdict_line(report),
        "\n".join(f"- {line}" for line in (*_overview(report), _speed(report), *_limits(report))),
        "\n".join(f"- {failure['message']}" for failure in report["gate"]["failures"]),
        *_findings(report),
        *_disagreements(report),
        "## Verdicts",
        _table(
            ("verdict", "cases", "tensors"),
            (
                (name, f"{count:,}", f"{report['tensors']['verdicts'][name]:,}")
                for name, count in report["verdicts"].items()
            ),
        ),
        "Discarded: {discarded}; poisoned: {poisoned}.".format_map(report["cases"]),
        f"The screen passed {report['loose_screen']} sampled cases that the rule rejects.",
        "## Steps",
        _table(("step", "decided", "ms/case", "of the time"), step_rows(report)),
        "## Evidence",
        "Gradients that agree, are not zero, and passed backward through the op:",
        _table(("op", "cases", "decisive", "floor"), _evidence(report)),
        *_accuracies(report),
        "## To repeat it",
        "\n".join(_inputs(report)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _findings(report: dict[str, Any]) -> Iterator[str]:
    """The faults that the first failing cases show, each shrunk."""
    if report["findings"]:
        yield "## Faults"
        yield _table(
            ("finding", "fault", "cases", "smallest case", "script"),
            (
                (
                    fault["id"] or "new",
                    fault["title"],
                    f"{len(fault['cases'])}",
                    f"`{fault['file']}`",
                    f"`{fault['script']}`",
                )
                for fault in report["findings"]
            ),
        )


def _disagreements(report: dict[str, Any]) -> Iterator[str]:
    cases = report["disagreements"]
    if cases:
        yield "## Disagreements"
        yield _table(
            ("case", "verdict", "op", "reason"),
            ((case["case"], case["verdict"], case["op"], case["reason"]) for case in cases[:100]),
        )
        if len(cases) > 100:
            yield f"… and {_failing(report) - 100:,} more in `cases.parquet`."
        for case in cases[:SHOWN_DISAGREEMENTS]:
            proof = "\n".join(certificate_lines(case["certificate"]))
            if proof:
                yield f"`{case['case']}`\n\n```text\n{proof}\n```"


def _accuracies(report: dict[str, Any]) -> Iterator[str]:
    columns = [(side, q) for side in ("reference", "candidate") for q in ("0.5", "0.95", "1.0")]
    rows = [
        (op, dtype, f"{seen['tensors']:,}", *(f"{seen[side][q]:.2g}" for side, q in columns))
        for dtype, ops in report["accuracy"].items()
        for op, seen in ops.items()
    ]
    if rows:
        yield "## Accuracy"
        yield (
            f"Errors against the certified truth in {report['cases']['certified']:,} cases that agree, in "
            "ulps of the true tensor's largest entry, by the op that the tensor feeds or leaves."
        )
        names = {"0.5": "median", "0.95": "95 %", "1.0": "largest"}
        header = ("op", "dtype", "tensors", *(f"{side} {names[q]}" for side, q in columns))
        yield _table(header, sorted(rows))


def _evidence(report: dict[str, Any]) -> Iterator[Row]:
    for op, seen in report["coverage"]["ops"].items():
        yield op, f"{seen['cases']:,}", f"{seen['decisive']:,}", f"{seen['floor']:,}"


def _inputs(report: dict[str, Any]) -> Iterator[str]:
    cases = report["range"]["stop"] - report["range"]["start"]
    ops = f" --ops {','.join(report['ops'])}" if report["ops"] else ""
    yield (
        f"    python -m oracle verify --seed {report['seed']} --cases {cases} "
        f"--profile {report['profile']['name']} --dtype {','.join(report['dtypes'])}{ops}"
    )
    yield ""
    yield f"- campaign `{report['campaign_identity']}`"
    yield f"- outcome `{report['outcome_identity']}`"
    yield f"- generator version {report['generator_version']}"
    where = report["environment"]
    if where:
        packages = ", ".join(f"{name} {version}" for name, version in where["packages"].items() if version)
        yield f"- Python {where['python']}, {packages}"
        blas = ", ".join(
            f"{one['library']} {one['version']} ({one['kernels']})" for one in where["blas"] if one["kernels"]
        )
        yield f"- {blas}; torch kernels {where['torch']['kernels']}"
        yield f"- {where['cpu']}, {where['cores']} cores, {where['threads']} thread per process"
        yield f"- {where['platform']}, commit {where['commit']}{' (modified)' * bool(where['modified'])}"


def _table(header: Row, rows: Iterator[Row] | Any) -> str:
    body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(header) + " |", "|" + " --- |" * len(header), *body])
