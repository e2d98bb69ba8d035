"""What every report states of the oracle itself: which planted faults it caught, how seldom it cries wolf.

The figures come with the program, as `power.json`, which `python -m oracle faults --figures` writes beside
docs/power.md.  They are those of that day and of the versions they name, not of the campaign reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("power.json")
HEADER = ("class of fault", "plantings", "caught", "blamed right")


@cache
def power() -> dict[str, Any]:
    """The figures."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def told(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures in sentences."""
    share = "" if figures["plantings"] == figures["all"] else f", a sample of {figures['all']:,}"
    yield (
        f"{figures['date']}, generator {figures['generator_version']}, torch {figures['torch']}, seeds "
        f"{', '.join(map(str, figures['seeds']))}: of {figures['plantings']:,} planted faults{share}, "
        f"{figures['caught']:,} were caught, {figures['blamed_right']:,} blamed on the right side and op."
    )
    for dtype, rate in figures["clean"].items():
        yield (
            f"Nothing planted, {dtype}: {rate['alarms']:,} alarms in {rate['cases']:,} cases beside "
            f"{rate['known']:,} registered findings; a rate of at most {rate['bound']:.1e} (95 %)."
        )


def rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """A row for every class of fault."""
    for name, counts in figures["classes"].items():
        yield name, *(f"{counts[key]:,}" for key in ("plantings", "caught", "blamed_right"))
