"""What planted faults and clean campaigns showed, in the few numbers that every report states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle.faults.clean import Clean
from oracle.faults.hunt import Outcome
from oracle.faults.record import Results
from oracle.faults.tables import grouped


def figures(header: Mapping[str, Any], results: Results, date: str, clean: Clean) -> dict[str, Any]:
    """The figures as JSON values; the parameters are those of `oracle.faults.document.page`."""
    classes = grouped(results, lambda task: task.fault)
    return {
        "date": date,
        "generator_version": header["generator"],
        "torch": header["versions"]["torch"],
        "seeds": list(header["seeds"]),
        "all": header["all"],
        **_counts(list(results.values())),
        "classes": {name: _counts(outcomes) for name, outcomes in classes.items()},
        "clean": {dtype: {**vars(rate), "bound": rate.bound} for dtype, rate in clean.rates.items()},
    }


def _counts(outcomes: list[Outcome]) -> dict[str, int]:
    return {
        "plantings": len(outcomes),
        "caught": sum(bool(outcome.caught) for outcome in outcomes),
        "blamed_right": sum(outcome.told for outcome in outcomes),
    }
