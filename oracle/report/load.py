"""Read a report back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from oracle.case import MAX_FILE
from oracle.report import exact
from oracle.report.document import FORMAT
from oracle.report.folder import REPORT
from reference import strict_json

SCHEMA = Path(__file__).with_name("schema.json")
KINDS = {"object": dict, "array": list, "string": str, "integer": int}


class ReportError(ValueError):
    """A folder that holds no report; the message is one line."""


@dataclass(frozen=True, eq=False)
class Report:
    """A report.

    Parameters
    ----------
    report : dict
        `report.json`, its floats exact; `oracle/report/schema.json` documents the fields.
    cases, tensors : pandas.DataFrame
        A row per case, and a row per compared tensor.
    """

    report: dict[str, Any]
    cases: pd.DataFrame
    tensors: pd.DataFrame


def load_report(directory: str | Path) -> Report:
    """Read the report in a folder.

    Raises
    ------
    ReportError
        If there is none.
    """
    folder = Path(directory)
    report = load_document(folder)
    # floats are exact by now, and their digits are not kept
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    if wrong := _misfit({**report, "hex": {}}, schema):
        raise ReportError(f"{folder / REPORT}: not a report: {wrong}")
    try:
        tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("cases", "tensors")]
    except (OSError, ValueError) as error:  # pyarrow's errors are either
        raise ReportError(f"{folder}: the report's tables cannot be read: {_line(error)}") from None
    return Report(report, *tables)


def load_document(folder: Path) -> dict[str, Any]:
    """Read `report.json` alone.

    Raises
    ------
    ReportError
        If there is none.
    """
    path = folder / REPORT
    try:
        report = exact.loads(strict_json.text_of(path, MAX_FILE))
    except FileNotFoundError:
        raise ReportError(f"{folder}: no report there: {REPORT} is missing") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ReportError(f"{path}: not a report: {_line(error)}") from None
    if report.get("format") != FORMAT:
        raise ReportError(f"{path}: not a report: its format is not {FORMAT!r}")
    return report


def _misfit(value: Any, schema: Mapping[str, Any], place: str = "it") -> str:
    """What is not as the schema says: what is missing, or of another kind; ranges are not looked at."""
    kind = KINDS.get(schema["type"]) if isinstance(schema.get("type"), str) else None
    if kind and not isinstance(value, kind):
        return f"{place} is no {schema['type']}"
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties")
        inner = [(name, known.get(name, other), each) for name, each in value.items()]
        missing = next((name for name in schema.get("required", ()) if name not in value), None)
        if missing is not None:
            return f"{place} lacks {missing!r}"
    else:
        inner = [("an entry", schema.get("items"), each) for each in value] if isinstance(value, list) else []
    told = (_misfit(each, rule, f"{name} of {place}") for name, rule, each in inner if isinstance(rule, dict))
    return next(filter(None, told), "")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
