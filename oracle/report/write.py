"""Write the report of a campaign into its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from oracle.campaign.gate import Failure
from oracle.campaign.outcome import Outcome
from oracle.case import dumps
from oracle.findings.met import Met
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.report import exact, tables
from oracle.report.document import case_file, document
from oracle.report.folder import REPORT, Folder, Writer, write_text
from oracle.report.summary import markdown


def build(
    outcome: Outcome, failures: list[Failure], met: Met | None = None
) -> tuple[dict[str, Any], dict[str, Writer]]:
    """A report: its document, and a writer for each of its files."""
    met = met or Met()
    report = document(outcome, failures, met)
    files: dict[str, Writer] = {
        "cases.parquet": _parquet(outcome, tables.cases),
        "tensors.parquet": _parquet(outcome, tables.tensors),
        "summary.md": write_text(markdown(report)),
        REPORT: write_text(exact.dumps(report)),
    }
    plan = outcome.plan
    for entry in report["disagreements"]:
        if entry["file"]:
            dtype, _, index = entry["case"].partition("/")
            case = draw_case(plan.seed, dtype, int(index), load_profile(plan.profile), plan.ops)
            files[case_file(entry["case"])] = write_text(dumps(case))
    for group, entry in zip(met.groups, report["findings"], strict=True):
        files[entry["file"]] = write_text(dumps(group.first.case))
        files[entry["script"]] = write_text(group.first.script)
    return report, files


def write(folder: Folder, outcome: Outcome, failures: list[Failure]) -> dict[str, Any]:
    """Write a report and give its document.

    Raises
    ------
    OSError
        If the disk is full, or the folder cannot be written to any more.
    """
    report, files = build(outcome, failures)
    folder.write(files)
    return report


def _parquet(outcome: Outcome, of: tables.Of) -> Writer:
    def writer(path: Path) -> None:
        with pq.ParquetWriter(path, tables.empty(of).schema, compression="zstd") as file:
            for piece in tables.of_outcome(outcome, of):
                file.write_table(piece)

    return writer
