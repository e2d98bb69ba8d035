"""A report in words: `summary.md`, and the lines that it shares with the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oracle.judge.verdict import Verdict
from oracle.report import power
from oracle.report.certificates import certificate_lines

BEFORE_AND_AFTER = ("draw", "reference", "candidate", "count")  # steps that decide nothing
SHOWN_DISAGREEMENTS = 3
Row = tuple[str, ...]


def markdown(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    blocks = [
        "# Agreement report",
        verdict_line(report),
        "\n".join(f"- {line}" for line in (*overview(report), speed(report), *limits(report))),
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
        "Gradients that would be zero without the op and agree, and nodes that failed by themselves:",
        _table(("op", "cases", "decisive", "floor"), _evidence(report)),
        *_accuracies(report),
        *_power(report),
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
            yield f"… and {failing(report) - 100:,} more in `cases.parquet`."
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


def _power(report: dict[str, Any]) -> Iterator[str]:
    """What the oracle itself is known to catch; reports from before have no such figures."""
    if figures := report.get("power"):
        yield "## Power"
        yield "\n".join(f"- {line}" for line in power.told(figures))
        yield _table(power.HEADER, power.rows(figures))


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


def verdict_line(report: dict[str, Any]) -> str:
    """PASS or FAIL, with the exit code."""
    code = report["gate"]["exit_code"]
    return f"{'FAIL' if code else 'PASS'}: exit code {code}{' — ' + _MEANING[code] if code else ''}"


_MEANING = {
    1: "the sides disagree, or too many cases decide nothing",
    3: "cases were lost",
    4: "too little was compared",
}


def overview(report: dict[str, Any]) -> list[str]:
    """What was compared, and what came out."""
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


def speed(report: dict[str, Any]) -> str:
    """How fast it went."""
    its = report["throughput"]
    return (
        f"{its['cases_per_second_per_core']:,.0f} cases/s per core; "
        f"{its['wall_seconds']:.0f} s in {its['jobs']} process{'es' * (its['jobs'] > 1)}"
    )


def limits(report: dict[str, Any]) -> Iterator[str]:
    """What would have been detected."""
    for dtype, limit in report["detection_limit"].items():
        quantiles = limit["quantiles"]
        if quantiles:
            yield (
                f"detection limit in {dtype}: median {quantiles['0.5']:.1e}, 95 % below "
                f"{quantiles['0.95']:.1e}, of {limit['estimated']:,} tensors"
            )


def failing(report: dict[str, Any]) -> int:
    """Failing cases, of which the report names the first."""
    return sum(count for name, count in report["verdicts"].items() if Verdict(name).fails)
