"""The register of equivalent mutants: changes of the source that leave the function as it is.

`equivalents/<subject>.json` lists them one by one, each with the reason.  Equivalent means in exact
arithmetic: one that only rounds worse is granted its rounding by the judge, and single campaigns may see
it.  An entry is **stale**, and fails the run, when its mutant no longer exists or the campaign of every
seed kills it.
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).with_name("equivalents")
FIELDS = ("op", "function", "before", "after", "reason")
Key = tuple[str, str, str, str]


def load(folder: Path = FOLDER) -> dict[Key, str]:
    """Read the register, one file a subject: the reason of every entry, by `Mutant.key`.

    Raises
    ------
    ValueError
        If an entry has other fields than it should, gives no reason, or stands there twice.
    """
    found: dict[Key, str] = {}
    entries = [
        (path, entry) for path in sorted(folder.glob("*.json")) for entry in json.loads(path.read_text())
    ]
    for path, entry in entries:
        if tuple(entry) != FIELDS or not all(entry.values()):
            raise ValueError(f"{path.name}: an entry needs {', '.join(FIELDS)}, in this order: {entry}")
        if entry["op"] != path.stem:
            raise ValueError(
                f"{path.name}: an entry of {entry['op']} belongs into a file of its own: {entry}"
            )
        *key, reason = entry.values()
        if tuple(key) in found:
            raise ValueError(f"{path.name}: listed twice: {entry}")
        found[key[0], key[1], key[2], key[3]] = reason
    return found


def _entries(path: Path) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return entries
