"""The folder of a report: nothing of others is touched, and an earlier report lives until the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.report.folder import Folder, FolderError, write_text


def files(path: Path) -> set[str]:
    return {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}


REPORT = {"report.json": write_text("{}"), "summary.md": write_text("new")}


def test_a_new_report_replaces_the_earlier_one_and_nothing_else(tmp_path: Path) -> None:
    Folder(tmp_path, replace=True).write({**REPORT, "cases/float64-1.json": write_text("old")})
    folder = Folder(tmp_path, replace=True)
    (tmp_path / "cases/mine.txt").write_text("a note that came meanwhile")
    folder.write(REPORT)
    assert files(tmp_path) == {"report.json", "summary.md", "cases/mine.txt"}


@pytest.mark.parametrize("name", ["mine.txt", "cases/mine.json", "report.json.bak"])
def test_a_folder_with_files_of_others_is_refused(tmp_path: Path, name: str) -> None:
    Folder(tmp_path, replace=True).write(REPORT)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    for replace in (True, False):
        with pytest.raises(FolderError, match=r"^[^\n]*nothing is overwritten[^\n]*$"):
            Folder(tmp_path, replace)
    assert files(tmp_path) == {*REPORT, name}


def test_a_named_folder_that_holds_a_report_is_refused(tmp_path: Path) -> None:
    Folder(tmp_path, replace=False).write(REPORT)
    with pytest.raises(FolderError, match=r"holds report\.json"):
        Folder(tmp_path, replace=False)


def test_folders_made_for_nothing_are_removed_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    Folder(tmp_path / "mine/a/b", replace=False).abandon()
    Folder(tmp_path / "mine", replace=False).abandon()
    assert list(tmp_path.rglob("*")) == [tmp_path / "mine"]


def test_a_report_that_cannot_be_completed_leaves_the_earlier_one_alone(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.write_text("half of it")
        raise OSError(28, "No space left on device")

    Folder(tmp_path, replace=True).write({**REPORT, "summary.md": write_text("earlier")})
    with pytest.raises(OSError, match="No space"):
        Folder(tmp_path, replace=True).write({**REPORT, "cases/float64-1.json": full})
    assert files(tmp_path) == set(REPORT)
    assert (tmp_path / "summary.md").read_text() == "earlier"
    assert not (tmp_path / "cases").exists()
