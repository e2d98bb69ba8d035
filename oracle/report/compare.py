"""What changed between two reports, and whether something got worse.

Where both drew the same cases (seed, generator, profile and ops are equal), they are compared case by case,
and errors tensor by tensor; else only op by op.

Worse is, from the first report to the second:

- a case that fails and did not, unless a registered finding covers it;
- an op that fails and did not, where cases cannot be compared;
- verdicts that drift towards less evidence, or errors of an op that grow, beyond chance: of n changes, w to
  the worse, P(B ≥ w) < 10⁻⁶ for B binomial(n, 1/2), the sign test.  Single flips are none: another processor
  rounds otherwise;
- an op that had evidence and has none.

Source: W. Conover, "Practical nonparametric statistics" (1999), §3.4 (sign test).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from oracle.campaign.gate import CHANCE, tail
from oracle.judge.verdict import FAILING, Verdict
from oracle.report.load import Report

SHOWN = 10  # lines of one kind
ULP = 1.0  # smaller changes of an error are none
_SEVERITY = {verdict.value: verdict.severity for verdict in Verdict} | {"poisoned": -1}
_FAILS = FAILING | {"poisoned"}


@dataclass
class Comparison:
    """What changed.

    Attributes
    ----------
    paired : bool
        Whether both reports drew the same cases.
    cases : int
        Cases that both hold.
    newly, fixed, flipped : pandas.DataFrame
        Cases that fail and did not, that did and do not, and whose verdict changed otherwise: columns
        `case`, `before`, `after`, `op`.
    accuracy : pandas.DataFrame
        Per op and dtype, the median error in ulps `before` and `after`, and how many tensors changed for the
        `worse` and for the `better` (0 where they cannot be paired).
    coverage : pandas.DataFrame
        Per op, decisive tensors `before` and `after`, where they differ.
    worse : list of str
        What got worse, a line each.
    """

    paired: bool
    cases: int
    newly: pd.DataFrame
    fixed: pd.DataFrame
    flipped: pd.DataFrame
    accuracy: pd.DataFrame
    coverage: pd.DataFrame
    worse: list[str] = field(default_factory=list)


def compare(before: Report, after: Report) -> Comparison:
    """Compare two reports.

    Parameters
    ----------
    before, after : Report
        As `oracle.load_report` gives them.
    """
    paired = all(before.report[key] == after.report[key] for key in ("seed", "generator_version", "ops"))
    paired &= before.report["profile"] == after.report["profile"]
    paired &= before.report["all_ops"] == after.report["all_ops"]
    both = _both(before, after) if paired else _both(before, after).iloc[:0]
    changed = both[both["before"] != both["after"]]
    failed, fails = changed["before"].isin(_FAILS), changed["after"].isin(_FAILS)
    found = Comparison(
        paired,
        len(both),
        changed[fails & ~failed],
        changed[failed & ~fails],
        changed[~(fails ^ failed)],
        _accuracy(before, after, paired),
        _coverage(before, after),
    )
    found.worse = list(_worse(found, before, after))
    return found


def _both(before: Report, after: Report) -> pd.DataFrame:
    one = before.cases[["case", "verdict"]].rename(columns={"verdict": "before"})
    two = after.cases[["case", "verdict", "op"]].rename(columns={"verdict": "after"})
    return one.merge(two, on="case")[["case", "before", "after", "op"]]


def _agreeing(report: Report) -> pd.DataFrame:
    tensors = report.tensors
    return tensors.loc[
        tensors["verdict"] == Verdict.AGREE.value, ["case", "role", "name", "op", "dtype", "error"]
    ]


def _accuracy(before: Report, after: Report, paired: bool) -> pd.DataFrame:
    one, two = _agreeing(before), _agreeing(after)
    keys = ["op", "dtype"]
    table = pd.DataFrame(
        {"before": one.groupby(keys)["error"].median(), "after": two.groupby(keys)["error"].median()}
    )
    table["worse"] = table["better"] = 0
    if paired:
        joined = one.merge(two[["case", "role", "name", "error"]], on=["case", "role", "name"])
        step = joined["error_y"] - joined["error_x"]
        for column, moved in (("worse", step >= ULP), ("better", step <= -ULP)):
            counts = joined[moved].groupby(keys).size()
            table[column] = counts.reindex(table.index, fill_value=0)
    return table.reset_index()


def _coverage(before: Report, after: Report) -> pd.DataFrame:
    ops = sorted({*before.report["coverage"]["ops"], *after.report["coverage"]["ops"]})
    rows = [(op, *(_decisive(report, op) for report in (before, after))) for op in ops]
    table = pd.DataFrame(rows, columns=["op", "before", "after"])
    return table[table["before"] != table["after"]]


def _decisive(report: Report, op: str) -> int:
    return int(report.report["coverage"]["ops"].get(op, {"decisive": 0})["decisive"])


def _worse(found: Comparison, before: Report, after: Report) -> Iterator[str]:
    known = {case for fault in after.report["findings"] if fault["id"] for case in fault["cases"]}
    new = found.newly[~found.newly["case"].isin(known)]
    if len(new):
        yield f"{len(new)} cases fail that did not"
    if not found.paired:
        for op in sorted(_failing_ops(after) - _failing_ops(before)):
            yield f"{op}: fails, and did not"
    severity = [found.flipped[side].map(_SEVERITY) for side in ("before", "after")]
    down, up = int((severity[1] < severity[0]).sum()), int((severity[1] > severity[0]).sum())
    if down and tail(down, down + up, 0.5) < CHANCE:
        yield f"{down} verdicts have less evidence, {up} more"
    for row in found.accuracy.to_dict("records"):
        if row["worse"] and tail(row["worse"], row["worse"] + row["better"], 0.5) < CHANCE:
            grew = f"errors grew in {row['worse']} tensors, shrank in {row['better']}"
            yield f"{row['op']}, {row['dtype']}: {grew}"
    for row in found.coverage.to_dict("records"):
        if row["before"] and not row["after"]:
            yield f"{row['op']}: no evidence any more; it had {row['before']} decisive tensors"


def _failing_ops(report: Report) -> set[str]:
    known = {case for fault in report.report["findings"] if fault["id"] for case in fault["cases"]}
    cases = report.cases
    return set(cases.loc[cases["verdict"].isin(_FAILS) & ~cases["case"].isin(known), "op"])


def told(found: Comparison) -> list[str]:
    """The comparison as lines: of each kind of change the first or the largest."""
    lines = [
        f"{found.cases:,} cases in both" if found.paired else "other cases were drawn: compared op by op"
    ]
    for name, table in (("newly failing", found.newly), ("fixed", found.fixed), ("flipped", found.flipped)):
        lines += _shown(f"{name}: {len(table):,}", [_turned(row) for row in table.to_dict("records")])
    lines += _shown("median error, ulp, where it changed most:", _moved(found))
    rows = [f"  {row.op:28} {row.before:9,} → {row.after:,}" for row in _by_change(found.coverage)]
    lines += _shown("decisive tensors, where they changed most:", rows)
    lines += [f"✗ {line}" for line in found.worse]
    return [*lines, "WORSE: exit code 1" if found.worse else "no worse: exit code 0"]


def _turned(row: Mapping[Any, Any]) -> str:
    at = f" at {row['op']}" if row["op"] else ""
    return f"  {row['case']:14} {row['before']} → {row['after']}{at}"


def _moved(found: Comparison) -> list[str]:
    """Median errors that changed; where tensors are paired, only those of which some changed."""
    table = found.accuracy.dropna()
    table = table[(table["before"] != table["after"]) | (table["worse"] > 0) | (table["better"] > 0)]
    if found.paired:
        table = table[(table["worse"] > 0) | (table["better"] > 0)]
    rows = []
    for row in _by_change(table):
        counts = f" worse in {row.worse}, better in {row.better}" if found.paired else ""
        rows.append(f"  {_cell(row.op, row.dtype)} {row.before:9.3g} → {row.after:<9.3g}{counts}".rstrip())
    return rows


def _by_change(table: pd.DataFrame) -> list[Any]:
    """Rows, those first whose `before` and `after` are farthest apart, in ratio."""
    ratio = ((table["after"] + 1) / (table["before"] + 1)).map(math.log).abs()
    return list(table.loc[ratio.sort_values(ascending=False, kind="stable").index].itertuples())


def _shown(title: str, rows: list[str]) -> list[str]:
    if not rows:
        return []
    more = [f"  … and {len(rows) - SHOWN:,} more"] if len(rows) > SHOWN else []
    return [title, *rows[:SHOWN], *more]


def _cell(*names: Any) -> str:
    return f"{' '.join(map(str, names)):37}"
