"""`python -m oracle shrink`: what it prints, what it writes, what it refuses."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from oracle import cli
from oracle.campaign import cases
from oracle.case import dumps, read
from oracle.commands import shrink
from oracle.shrink import shrinker
from tests.oracle.faulty import scaled
from tests.oracle.planted import case, node
from tests.oracle.test_script import printed

pytestmark = pytest.mark.usefixtures("in_this_process")
START = case(
    "float32",
    {"x": [[0.3, -0.7], [1.5, 0.2]], "w": [[0.5, 1.5], [-0.25, 0.75]]},
    {"a": node("multiply", "x", "w"), "b": node("tanh", "a"), "c": node("sum", "b")},
    {"c": 1.25},
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cases, "default_candidate", lambda: scaled("tanh"))
    path = tmp_path / "start.json"
    path.write_text(dumps(START))
    return path


def test_the_default_budget_is_the_shrinkers() -> None:
    assert shrink.BUDGET == shrinker.BUDGET


def test_the_smallest_case_and_its_script_are_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = file.parent / "out"
    assert cli.main(["shrink", str(file), "--out", str(out)]) == 1
    text = capsys.readouterr().out
    assert "nodes 3 → 1" in text
    assert "candidate-wrong at tanh" in text
    assert {path.name for path in out.iterdir()} == {shrink.CASE, shrink.SCRIPT, shrink.STATE}
    small = read(out / shrink.CASE)
    assert (small.dtype, small.leaves["z"].tolist(), small.origin) == ("float64", 0.0, None)
    assert "expected" in printed((out / shrink.SCRIPT).read_text())
    assert cli.main(["replay", str(out / shrink.CASE)]) == 1
    assert "candidate-wrong at tanh" in capsys.readouterr().out


def test_without_a_folder_the_script_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["shrink", str(file)]) == 1
    assert "import torch\n" in capsys.readouterr().out
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_spent_budget_is_told_and_resumed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, whole = file.parent / "out", file.parent / "whole"
    assert cli.main(["shrink", str(file), "--out", str(out), "--budget", "1"]) == 1
    assert "the budget is spent" in capsys.readouterr().out
    assert not json.loads((out / shrink.STATE).read_text())["idle"]
    assert cli.main(["shrink", str(file), "--out", str(out), "--resume"]) == 1
    assert cli.main(["shrink", str(file), "--out", str(whole)]) == 1
    assert (out / shrink.CASE).read_text() == (whole / shrink.CASE).read_text()


def test_an_interrupt_is_told_with_how_to_go_on(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, whole, asked = file.parent / "out", file.parent / "whole", []

    def interrupted(it: shrinker.Shrinker, *arguments: Any) -> bool:
        asked.append(arguments)
        if len(asked) == 9:
            raise KeyboardInterrupt
        return alike(it, *arguments)

    alike = shrinker.Shrinker.fails_alike
    with monkeypatch.context() as patch:
        patch.setattr(shrinker.Shrinker, "fails_alike", interrupted)
        assert cli.main(["shrink", str(file), "--out", str(out)]) == 130
    told = capsys.readouterr().err
    assert re.fullmatch(
        r"backprop-oracle: interrupted after [1-8] judgements, which are kept; go on with: python -m oracle "
        rf"shrink {file} --out {out} --resume\n",
        told,
    )
    assert cli.main(told.split()[told.split().index("oracle") + 1 :]) == 1
    assert cli.main(["shrink", str(file), "--out", str(whole)]) == 1
    assert (out / shrink.CASE).read_text() == (whole / shrink.CASE).read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--resume"], "--resume: needs the folder"),
        (["--out", "held"], "holds a_file; name a new or empty folder, or add --resume"),
        (["--out", "empty", "--resume"], "No such file"),
        (["--budget", "0"], "not an integer in 1"),
        (["--out", "a_file"], "--out: a_file: File exists; name a new or empty folder"),
        (["--out", "a_file", "--resume"], "a_file/shrink.json: Not a directory\n"),
    ],
)
def test_bad_usage_is_one_line(
    options: list[str], message: str, file: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(file.parent)
    (file.parent / "a_file").touch()
    (file.parent / "held").mkdir()
    (file.parent / "held" / "a_file").touch()
    (file.parent / "empty").mkdir()
    assert cli.main(["shrink", str(file), *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_case_that_agrees_and_a_file_that_is_none_are_refused(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "default_candidate", lambda: scaled("exp"))
    assert cli.main(["shrink", str(file)]) == 2
    assert "the case does not fail: agree" in capsys.readouterr().err
    file.write_text("{}")
    assert cli.main(["shrink", str(file)]) == 2
    assert "not a case" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["case", "failure", "position", "format", "more"])
def test_a_state_that_is_none_is_refused(change: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = file.parent / "out"
    cli.main(["shrink", str(file), "--out", str(out), "--budget", "1"])
    state = json.loads((out / shrink.STATE).read_text())
    state[change] = {"x": 1} if change != "position" else 99
    (out / shrink.STATE).write_text(json.dumps(state))
    capsys.readouterr()
    assert cli.main(["shrink", str(file), "--out", str(out), "--resume"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_it_answers_in_a_blink_when_asked_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    with pytest.raises(SystemExit):
        cli.main(["shrink", "--help"])
    assert time.perf_counter() - start < 1
    assert "smallest case" in capsys.readouterr().out
