"""The register of equivalent mutants: changes of the source that leave the function as it is.

`equivalents.json` lists them one by one, each with the reason.  Equivalent means in exact arithmetic: one
that only rounds worse is granted its rounding by the judge, and single campaigns may see it.  An entry
is **stale**, and fails the run, when its mutant no longer exists or the campaign of every seed kills it.
"""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).with_name("equivalents.json")
FIELDS = ("op", "function", "before", "after", "reason")
Key = tuple[str, str, str, str]


def load(path: Path = FILE) -> dict[Key, str]:
    """Read the register: the reason of every entry, by `Mutant.key`.

    Raises
    ------
    ValueError
        If an entry has other fields than it should, gives no reason, or stands there twice.
    """
    found: dict[Key, str] = {}
    for entry in json.loads(path.read_text(encoding="utf-8")):
        if tuple(entry) != FIELDS or not all(entry.values()):
            raise ValueError(f"{path.name}: an entry needs {', '.join(FIELDS)}, in this order: {entry}")
        *key, reason = entry.values()
        if tuple(key) in found:
            raise ValueError(f"{path.name}: listed twice: {entry}")
        found[key[0], key[1], key[2], key[3]] = reason
    return found
