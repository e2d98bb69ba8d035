"""The folder of a report: refused or made before the campaign, filled after it.

Only files that reports consist of are ever replaced or removed, and the earlier report stays in place
until the new one is complete in memory.  Every file is written beside its place and then renamed, and
`report.json` comes last: a folder that holds one holds a whole report.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

REPORT = "report.json"
LATEST = Path("reports/latest")
CASES = "cases"
_FILES = (REPORT, "cases.parquet", "tensors.parquet", "summary.md")
_OWN = re.compile("|".join(map(re.escape, _FILES)) + r"|cases/\w+-\d+\.json")
_PARTIAL = ".partial"
Writer = Callable[[Path], object]


class FolderError(ValueError):
    """A folder that no report can be written to; the message is one line."""


class Folder:
    """Where a report goes.

    Parameters
    ----------
    path : Path
        The folder, made where it does not exist.
    replace : bool
        Whether an earlier report in it may be replaced; else the folder must be new or empty.

    Raises
    ------
    FolderError
        If it cannot be written to, or holds what must not be replaced.
    """

    def __init__(self, path: Path, replace: bool) -> None:
        self.path = path
        self._made = [folder for folder in (*reversed(path.parents), path) if not folder.exists()]
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
            foreign = [name for name in self._held() if not replace or not self._is_own(name)]
        except OSError as error:
            self.abandon()
            raise FolderError(
                f"{path}: cannot be written to ({error.strerror}); name another folder with --out"
            ) from None
        if foreign:
            raise FolderError(
                f"{path}: holds {foreign[0]}{' and no report' * replace}; "
                "nothing is overwritten: name a new or empty folder with --out"
            )

    def abandon(self) -> None:
        """Remove the folders that were made for nothing, as far as they are empty."""
        for folder in reversed(self._made):
            try:
                folder.rmdir()
            except OSError:
                return

    def write(self, files: Mapping[str, Writer]) -> None:
        """Write a report, and remove what is left of an earlier one.

        Parameters
        ----------
        files : mapping of str to callable
            For each name relative to the folder, a function that writes the file it is given.

        Raises
        ------
        OSError
            If the disk is full, or the folder cannot be written to any more.
        """
        (self.path / REPORT).unlink(missing_ok=True)
        for name in sorted(files, key=lambda name: name == REPORT):
            _write(self.path / name, files[name])
        for name in self._held():
            if name not in files and self._is_own(name):
                (self.path / name).unlink()
        folder = self.path / CASES
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _held(self) -> list[str]:
        """Names of what the folder holds, sorted; of `cases/` what lies in it."""
        held = []
        for entry in sorted(self.path.iterdir()):
            within = sorted(entry.iterdir()) if entry.name == CASES and entry.is_dir() else [entry]
            held += [path.relative_to(self.path).as_posix() for path in within]
        return held

    def _is_own(self, name: str) -> bool:
        return _OWN.fullmatch(name.removesuffix(_PARTIAL)) is not None and (self.path / name).is_file()


def write_text(text: str) -> Writer:
    """A writer of this text."""
    return lambda path: path.write_text(text, encoding="utf-8")


def _write(path: Path, writer: Writer) -> None:
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + _PARTIAL)
    try:
        writer(partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
