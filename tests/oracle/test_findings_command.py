"""`python -m oracle findings`, and what a campaign does with the register."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from oracle import cli
from oracle.campaign import cases
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case, dumps
from oracle.findings.register import FOLDER, torch_version
from tests.oracle.faulty import scaled
from tests.oracle.planted import TORCH
from tests.oracle.test_findings import at, both, gelu
from tests.oracle.test_script import printed

pytestmark = pytest.mark.usefixtures("in_this_process")


def reduced(*reductions: str) -> TorchAutograd:
    return scaled("mse", when=lambda _, attributes: attributes["reduction"] in reductions)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports/findings").mkdir(parents=True)
    return tmp_path / "reports/findings"


def with_candidate(monkeypatch: pytest.MonkeyPatch, candidate: TorchAutograd) -> None:
    monkeypatch.setattr(cases, "default_candidate", lambda: candidate)


def register(monkeypatch: pytest.MonkeyPatch, start: Case, name: str = "slope-of-gelu") -> int:
    Path("case.json").write_text(dumps(start))
    return findings("--add", "case.json", "--id", name, "--title", "The slope of gelu")


def findings(*options: str) -> int:
    return cli.main(["findings", "--findings", "reports/findings", *options])


def verify(out: str, *options: str) -> dict[str, Any]:
    campaign = ["verify", "--ops", "mse", "--cases", "24", "--jobs", "1", "--dtype", "float64"]
    cli.main([*campaign, "--out", out, "--findings", "reports/findings", *options])
    report: dict[str, Any] = json.loads(Path(out, "report.json").read_text())
    return report


def of_mse(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [fault for fault in report["findings"] if fault["op"] == "mse"]


def codes(report: dict[str, Any]) -> set[int]:
    return {failure["exit_code"] for failure in report["gate"]["failures"]}


def test_the_gate_excuses_what_is_registered_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in FOLDER.glob("*.json"):  # what torch has wrong besides
        shutil.copy(path, folder)
    with_candidate(monkeypatch, reduced("sum"))
    before = verify("before")
    assert 1 in codes(before)
    (new,) = of_mse(before)
    assert new["id"] is None
    assert "expected" in printed(Path("before", new["script"]).read_text())
    first = f"before:{new['cases'][0]}"
    assert findings("--add", first, "--id", "slope", "--title", "A slope") == 0
    after = verify("after")
    assert [(known["id"], known["cases"]) for known in of_mse(after)] == [("slope", new["cases"])]
    assert [known["cases"] for known in of_mse(verify("all", "--shrink", "1"))] == [new["cases"]]
    with_candidate(monkeypatch, reduced("sum", "none"))
    other = verify("other")
    assert 1 in codes(other)
    assert [known["id"] for known in of_mse(other)] == [None, "slope"]
    assert other["register"]["findings"] == len(list(FOLDER.glob("*.json"))) + 1
    assert other["register"]["name"] == "reports/findings"


def test_new_faults_are_shrunk_up_to_a_number_and_the_rest_is_not_excused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_candidate(monkeypatch, scaled("mse"))
    report = verify("few", "--shrink", "2", "--cases", "16")
    failing = sum(report["verdicts"][name] for name in ("candidate-wrong", "definition-differs", "error"))
    assert failing > 3
    assert sum(len(fault["cases"]) for fault in report["findings"]) == 2
    assert report["register"]["unseen"] == failing - 2
    assert sum(f["count"] for f in report["gate"]["failures"] if f["exit_code"] == 1) == failing


def test_a_finding_that_torch_does_not_show_any_more_is_stale(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_candidate(monkeypatch, at("tanh"))
    assert register(monkeypatch, gelu("tanh")) == 0
    with_candidate(monkeypatch, TORCH)
    assert findings() == 1
    assert "slope-of-gelu: stale" in capsys.readouterr().out
    report = verify("right")
    assert 1 in codes(report)
    assert "slope-of-gelu" in {failure["subject"] for failure in report["gate"]["failures"]}
    path = folder / "slope-of-gelu.json"
    path.write_text(path.read_text().replace(f'"{torch_version()}"', '"1.0"'))
    assert findings() == 0
    assert "not shown by torch" in capsys.readouterr().out


def test_every_finding_has_a_page_a_drawing_and_a_script(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert findings() == 0
    assert "None is registered" in (folder / "README.md").read_text()
    with_candidate(monkeypatch, both())
    register(monkeypatch, gelu("tanh"), "one")
    register(monkeypatch, gelu("none", [0.5] * 3), "two")
    index = (folder / "README.md").read_text()
    for name in ("one", "two"):
        assert f"]({name}.md)" in index
        assert f"![{name}]({name}.svg)" in index
        ET.parse(folder / f"{name}.svg")
        assert "certificate: gradient z" in (folder / f"{name}.md").read_text()
        assert "expected" in printed((folder / f"{name}.py").read_text())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--add", "case.json"], "needs --id"),
        (["--add", "case.json", "--id", "A", "--title", "x"], "needs --id"),
        (["--add", "case.json", "--id", "one", "--title", "x"], "exists"),
        (["--add", "case.json", "--id", "two", "--title", "x"], "it is the finding one"),
        (["--add", "nowhere.json", "--id", "two", "--title", "x"], "nowhere.json"),
        (["--add", "right.json", "--id", "two", "--title", "x"], "does not fail"),
    ],
)
def test_bad_usage_is_one_line(
    given: list[str],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with_candidate(monkeypatch, at("tanh"))
    register(monkeypatch, gelu("tanh"), "one")
    Path("right.json").write_text(dumps(gelu("none")))
    capsys.readouterr()
    assert findings(*given) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_broken_register_ends_a_campaign_before_it_begins(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.json").write_text("{}")
    assert cli.main(["verify", "--cases", "1", "--findings", str(folder)]) == 2
    assert "--findings" in capsys.readouterr().err


def test_a_page_needs_no_scrolling_and_shows_a_certificate_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_candidate(monkeypatch, at("tanh"))
    register(monkeypatch, gelu("tanh"))
    page = (folder / "slope-of-gelu.md").read_text()
    assert page.count("certificate: gradient z") == 1
    blocks = re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert max(len(line) for block in blocks for line in block.splitlines()) <= 80


@pytest.mark.parametrize("option", ["--id", "--title"])
def test_a_name_without_a_case_is_refused_and_nothing_is_written(
    option: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert findings(option, "slope-of-gelu") == 2
    assert capsys.readouterr().err == "backprop-oracle: --id, --title: belong to --add CASE\n"
    assert not list(folder.iterdir())
