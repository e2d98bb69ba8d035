"""`python -m oracle findings`, and what a campaign does with the register."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from oracle import cli
from oracle.campaign import cases
from oracle.campaign.engine import here
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case, dumps
from oracle.commands import verify as verify_command
from oracle.findings.register import torch_version
from tests.oracle.faulty import scaled
from tests.oracle.planted import TORCH
from tests.oracle.test_findings import at, both, gelu
from tests.oracle.test_shrink import printed


def reduced(*reductions: str) -> TorchAutograd:
    return scaled("mse", when=lambda _, attributes: attributes["reduction"] in reductions)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # no other process: it would not know the candidate that is planted here
    monkeypatch.setattr(verify_command, "_engine", lambda *_: nullcontext(here()))
    return tmp_path / "reports/findings"


def with_candidate(monkeypatch: pytest.MonkeyPatch, candidate: TorchAutograd) -> None:
    monkeypatch.setattr(cases, "default_candidate", lambda: candidate)


def register(monkeypatch: pytest.MonkeyPatch, start: Case, name: str = "slope-of-gelu") -> int:
    Path("case.json").write_text(dumps(start))
    return cli.main(["findings", "--add", "case.json", "--id", name, "--title", "The slope of gelu"])


def verify(out: str, *options: str) -> dict[str, Any]:
    campaign = ["verify", "--ops", "mse", "--cases", "24", "--jobs", "1", "--dtype", "float64"]
    cli.main([*campaign, "--out", out, *options])
    report: dict[str, Any] = json.loads(Path(out, "report.json").read_text())
    return report


def codes(report: dict[str, Any]) -> set[int]:
    return {failure["exit_code"] for failure in report["gate"]["failures"]}


def test_the_gate_excuses_what_is_registered_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_candidate(monkeypatch, reduced("sum"))
    before = verify("before")
    assert 1 in codes(before)
    (new,) = of_mse(before)
    assert new["id"] is None
    assert "expected" in printed(Path("before", new["script"]).read_text())
    first = f"before:{new['cases'][0]}"
    assert cli.main(["findings", "--add", first, "--id", "slope", "--title", "A slope"]) == 0
    after = verify("after")
    assert [(known["id"], known["cases"]) for known in of_mse(after)] == [("slope", new["cases"])]
    few = verify("few", "--shrink", "3")
    assert [failure["count"] for failure in few["gate"]["failures"]] == [len(new["cases"]) - 3]
    with_candidate(monkeypatch, reduced("sum", "none"))
    other = verify("other")
    assert 1 in codes(other)
    assert [known["id"] for known in other["findings"]] == [None, "slope"]


def test_a_finding_that_torch_does_not_show_any_more_is_stale(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_candidate(monkeypatch, at("tanh"))
    assert register(monkeypatch, gelu("tanh")) == 0
    with_candidate(monkeypatch, TORCH)
    assert cli.main(["findings"]) == 1
    assert "slope-of-gelu: stale" in capsys.readouterr().out
    report = verify("right")
    assert 1 in codes(report)
    assert "slope-of-gelu" in {failure["subject"] for failure in report["gate"]["failures"]}
    path = folder / "slope-of-gelu.json"
    path.write_text(path.read_text().replace(f'"{torch_version()}"', '"1.0"'))
    assert cli.main(["findings"]) == 0
    assert "not shown by torch" in capsys.readouterr().out


def test_every_finding_has_a_page_a_drawing_and_a_script(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["findings"]) == 0
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
    assert cli.main(["findings", *given]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_broken_register_ends_a_campaign_before_it_begins(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text("{}")
    assert cli.main(["verify", "--cases", "1"]) == 2
    assert "--findings" in capsys.readouterr().err
