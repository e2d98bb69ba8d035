"""What came out, one JSON line a planting, on the disk before the next one counts.

The first line says what was asked for; a file of anything else is not gone on with.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from oracle.faults.hunt import Outcome, Task
from reference import strict_json

RECORD = "faults.jsonl"
Results = dict[Task, Outcome]


class RecordError(ValueError):
    """A record that is not gone on with; the message is one line."""


@dataclass
class Record:
    """The plantings that are done.

    Parameters
    ----------
    header : mapping
        What was asked for, and with which versions, as JSON values.
    tasks : list of Task
        All plantings that were asked for.
    folder : Path, optional
        Where they are kept; in memory by default.
    """

    header: Mapping[str, Any]
    tasks: list[Task]
    folder: Path | None = None

    def __post_init__(self) -> None:
        self.results: Results = {}

    @property
    def path(self) -> Path | None:
        """The file."""
        return self.folder / RECORD if self.folder else None

    @property
    def left(self) -> list[Task]:
        """What is still to be planted."""
        return [task for task in self.tasks if task not in self.results]

    def begin(self, resume: bool) -> None:
        """Make the file, or read the one that is there.

        Raises
        ------
        RecordError
            If it cannot be made, is there and `resume` is not asked for, or holds what was not asked for.
        """
        if self.path is None or self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self._write(dict(self.header))
                return
        except OSError as error:
            raise RecordError(
                f"{self.folder}: cannot be written to ({error.strerror}); name another folder"
            ) from None
        if not resume:
            raise RecordError(f"{self.folder}: holds plantings; ask for --resume, or name another folder")
        try:
            first, *lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        except (UnicodeDecodeError, ValueError):
            raise RecordError(f"{self.path}: holds no plantings; move it away") from None
        if self._read(1, first) != dict(self.header):
            raise RecordError(f"{self.folder}: holds plantings of another kind; name another folder")
        asked = set(self.tasks)
        for number, line in enumerate(lines, 2):
            task, outcome = self._entry(number, self._read(number, line))
            if task not in asked or task in self.results:
                raise RecordError(f"{self.path}: line {number} belongs to other plantings; remove it")
            self.results[task] = outcome

    def add(self, task: Task, outcome: Outcome) -> None:
        """Keep what came of a planting."""
        if self.path is not None:
            self._write({"task": asdict(task), "outcome": outcome.record()})
        self.results[task] = outcome

    def _write(self, value: Mapping[str, Any]) -> None:
        assert self.path is not None
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(value, sort_keys=True, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, number: int, line: str) -> Any:
        try:
            if line.endswith("\n"):
                return strict_json.loads(line)
        except ValueError:
            pass
        raise RecordError(f"{self.path}: line {number} is damaged; remove it and all after it")

    def _entry(self, number: int, value: Any) -> tuple[Task, Outcome]:
        try:
            if value.keys() == {"task", "outcome"}:
                size = value["outcome"]["size"]
                told = {**value["outcome"], "size": float("inf") if size is None else size}
                if set(told) == {each.name for each in fields(Outcome)}:
                    return Task(**value["task"]), Outcome(**told)
        except (AttributeError, KeyError, TypeError):
            pass
        raise RecordError(f"{self.path}: line {number} is no planting; remove it")
