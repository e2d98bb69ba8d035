"""The folder of a report: refused or made before the campaign, filled after it.

Only files that reports consist of are ever replaced or removed.  A campaign under way keeps its journal in
the same folder (`oracle.campaign.journal`), beside an earlier report, if there is one.  Every file is
written beside its place; when all of them are on the disk they are renamed, `report.json` as the last: a
folder that holds one holds a whole report, and an earlier report survives a disk that fills up.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from oracle.campaign.header import HEADER
from oracle.campaign.journal import PARTS, finish_retiring

REPORT = "report.json"
LATEST = Path("reports/latest")
CASES = "cases"
_FILES = (REPORT, "cases.parquet", "tensors.parquet", "summary.md")
_OWN = re.compile(
    "|".join(map(re.escape, _FILES)) + r"|cases/\w+-\d+(-shrunk)?\.json|cases/\w+-\d+-torch\.py"
)
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
    resume : bool
        Whether it may hold a campaign.

    Attributes
    ----------
    finished : bool
        Whether it holds a report and no campaign that is under way.

    Raises
    ------
    FolderError
        If it cannot be written to, or holds what must not be replaced.
    """

    def __init__(self, path: Path, replace: bool, resume: bool = False) -> None:
        self.path = path
        self._made: list[Path] = []
        try:
            self._made = [folder for folder in (*reversed(path.parents), path) if not folder.exists()]
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
            finish_retiring(path)
            held = self._held()
        except OSError as error:
            self.abandon()
            raise FolderError(
                f"{path}: cannot be written to ({error.strerror}); name another folder with --out"
            ) from None
        if HEADER in held and not resume:
            raise FolderError(
                f"{path}: holds a campaign that is not finished; go on with --resume, or name another folder"
            )
        mine = {HEADER, PARTS} if resume else set()
        foreign = [
            name for name in held if name not in mine and not (replace | resume and self._is_own(name))
        ]
        if foreign:
            raise FolderError(
                f"{path}: holds {foreign[0]}{' and no report' * replace}; "
                "nothing is overwritten: name a new or empty folder with --out"
            )
        self.finished = REPORT in held and HEADER not in held

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
        try:
            for name, writer in files.items():
                _write(_partial(self.path / name), writer)
            (self.path / REPORT).unlink(missing_ok=True)
            for name in sorted(files, key=lambda name: name == REPORT):
                _partial(self.path / name).replace(self.path / name)
            self._remove(set(self._held()) - files.keys())
        except BaseException:
            self._remove({name for name in self._held() if name.endswith(_PARTIAL)})
            raise

    def _remove(self, names: set[str]) -> None:
        """Remove those of the files that are a report's, and `cases/` where that leaves it empty."""
        for name in filter(self._is_own, names):
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


def _partial(path: Path) -> Path:
    return path.with_name(path.name + _PARTIAL)


def _write(path: Path, writer: Writer) -> None:
    """Write a file, down to the disk."""
    path.parent.mkdir(exist_ok=True)
    writer(path)
    with path.open("rb") as written:
        os.fsync(written.fileno())
