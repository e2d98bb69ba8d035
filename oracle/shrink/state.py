"""A shrinker's state as a file, from which it goes on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from oracle.case import MAX_FILE, Case, CaseError, dumps, loads
from oracle.judge.verdict import Verdict
from oracle.shrink.failure import Failure
from oracle.shrink.shrinker import PASSES, State
from reference import strict_json

FORMAT = "backprop-oracle shrink 1"
_COUNTS = ("position", "idle", "judged")


class StateError(ValueError):
    """A file that is no state, or of another case; the message is one line."""


def source(case: Case) -> str:
    """What a case is known by: SHA-256 of its file."""
    return hashlib.sha256(dumps(case).encode()).hexdigest()


def dump(state: State, origin: str) -> str:
    """The state as JSON text.

    Parameters
    ----------
    state : State
        Where the shrinker is.
    origin : str
        `source` of the case that it began with.
    """
    record = {
        "format": FORMAT,
        "source": origin,
        "failure": asdict(state.failure),
        "case": json.loads(dumps(state.case)),
        **{name: getattr(state, name) for name in _COUNTS},
    }
    return json.dumps(record, sort_keys=True)


def load(path: Path, origin: str) -> State:
    """Read a state of the case that is known as `origin`.

    Raises
    ------
    StateError
        If it cannot be read, is no state, or belongs to another case.
    """
    try:
        return _state(strict_json.loads(strict_json.text_of(path, MAX_FILE)), origin)
    except OSError as error:
        raise StateError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise StateError(f"{path}: {error}") from None


def _state(record: Any, origin: str) -> State:
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise StateError(f"not a state: needs an object whose format is {FORMAT!r}")
    if record.keys() != {"format", "source", "failure", "case", *_COUNTS}:
        raise StateError("not a state: a key is missing, or there is one too many")
    if record["source"] != origin:
        raise StateError("the state of another case; name another folder")
    counts = [record[name] for name in _COUNTS]
    if not all(type(count) is int and count >= 0 for count in counts) or counts[0] >= len(PASSES):
        raise StateError("position, idle or judged is no such number")
    failure = record["failure"]
    if not isinstance(failure, dict) or failure.keys() != Failure.__annotations__.keys():
        raise StateError("failure is none")
    if not all(isinstance(text, str) for text in failure.values()):
        raise StateError("failure is none")
    try:
        told = Failure(**{**failure, "verdict": Verdict(failure["verdict"])})
        return State(loads(json.dumps(record["case"])), told, *counts)
    except CaseError as error:
        raise StateError(f"case: {error}") from None
