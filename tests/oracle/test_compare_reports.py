"""`compare`: what got worse between two reports, and what only changed."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from oracle import cli
from oracle.campaign.gate import gate
from oracle.campaign.outcome import collect
from oracle.campaign.plan import Plan
from oracle.report.compare import SHOWN, compare, told
from oracle.report.folder import Folder
from oracle.report.load import Report, load_report
from oracle.report.write import write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    outcome = collect(Plan(seed=3, cases=32, profile="median-small", ops=("tanh", "exp")))
    write(Folder(path, replace=False), outcome, gate(outcome))
    return path


@pytest.fixture
def before(folder: Path) -> Report:
    return load_report(folder)


@pytest.fixture
def after(before: Report) -> Report:
    return Report(copy.deepcopy(before.report), before.cases.copy(), before.tensors.copy())


def turn(report: Report, count: int, verdict: str, was: str = "agree") -> list[str]:
    """Give the first cases of a verdict another one."""
    rows = report.cases.index[report.cases["verdict"] == was][:count]
    assert len(rows) == count
    report.cases.loc[rows, "verdict"] = verdict
    return list(report.cases.loc[rows, "case"])


def test_a_report_is_no_worse_than_itself(before: Report, after: Report) -> None:
    found = compare(before, after)
    assert (found.paired, found.cases, found.worse) == (True, 64, [])
    assert not len(found.newly) + len(found.fixed) + len(found.flipped) + len(found.coverage)


def test_a_case_that_fails_and_did_not_is_worse_and_the_other_way_is_fixed(
    before: Report, after: Report
) -> None:
    (case,) = turn(after, 1, "candidate-wrong")
    found = compare(before, after)
    assert (list(found.newly["case"]), found.worse) == ([case], ["1 cases fail that did not"])
    back = compare(after, before)
    assert (list(back.fixed["case"]), back.worse) == ([case], [])


def test_a_registered_finding_is_listed_and_no_worse(before: Report, after: Report) -> None:
    after.report["findings"] = [{"id": "known", "cases": turn(after, 2, "candidate-wrong")}]
    found = compare(before, after)
    assert (len(found.newly), found.worse) == (2, [])
    turn(after, 1, "candidate-wrong")
    assert compare(before, after).worse == ["1 cases fail that did not"]


def test_a_few_flips_are_listed_and_many_in_one_direction_are_worse(before: Report, after: Report) -> None:
    turn(after, 3, "kink")
    few = compare(before, after)
    assert (len(few.flipped), few.worse) == (3, [])
    turn(after, 20, "undecided")
    assert compare(before, after).worse == ["23 verdicts have less evidence, 0 more"]
    assert compare(after, before).worse == []


def test_errors_that_grow_in_many_tensors_are_worse(before: Report, after: Report) -> None:
    before.tensors["op"] = after.tensors["op"] = "tanh"
    agreeing = after.tensors.index[after.tensors["verdict"] == "agree"]
    after.tensors.loc[agreeing[:5], "error"] += 50
    assert compare(before, after).worse == []
    after.tensors.loc[agreeing, "error"] += 0.25
    assert compare(before, after).worse == []
    after.tensors.loc[agreeing, "error"] += 2
    worse = compare(before, after).worse
    assert worse
    assert all("errors grew" in line for line in worse)
    assert compare(after, before).worse == []


def test_errors_that_change_both_ways_are_chance(before: Report, after: Report) -> None:
    before.tensors["op"] = after.tensors["op"] = "tanh"
    agreeing = after.tensors.index[after.tensors["verdict"] == "agree"]
    before.tensors.loc[agreeing, "error"] = 100.0
    after.tensors.loc[agreeing, "error"] = 100.0 + np.where(np.arange(len(agreeing)) % 2, 5, -5)
    assert compare(before, after).worse == []


def test_an_op_that_lost_its_evidence_is_worse(before: Report, after: Report) -> None:
    after.report["coverage"]["ops"]["tanh"]["decisive"] = 0
    (line,) = compare(before, after).worse
    assert line.startswith("tanh: no evidence any more")
    assert compare(after, before).worse == []


def test_other_cases_are_compared_op_by_op(before: Report, after: Report) -> None:
    after.report["seed"] = 4
    assert compare(before, after).worse == []
    turn(after, 1, "definition-differs")
    after.cases.loc[after.cases["verdict"] == "definition-differs", "op"] = "exp"
    found = compare(before, after)
    assert (found.paired, found.worse) == (False, ["exp: fails, and did not"])
    assert told(found)[0] == "other cases were drawn: compared op by op"


def test_the_command_says_it_with_its_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", str(folder), str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == ["64 cases in both", "no worse: exit code 0"]
    assert cli.main(["compare", str(folder), str(folder / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("coverage", None, "it lacks 'coverage'"),
        ("findings", [{}], "an entry of findings of it lacks 'id'"),
        (
            "coverage",
            {"ops": {"exp": []}, "pairs": {}, "attributes": {}},
            "exp of ops of coverage of it is no",
        ),
        ("seed", "3", "seed of it is no integer"),
    ],
)
def test_a_report_that_lacks_something_is_told_by_its_name(
    key: str, value: object, told: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder, tmp_path / "damaged")
    path = tmp_path / "damaged/report.json"
    record = json.loads(path.read_text())
    del record[key]
    path.write_text(json.dumps(record if value is None else {**record, key: value}))
    assert cli.main(["compare", str(folder), str(tmp_path / "damaged")]) == 2
    error = capsys.readouterr().err
    assert str(path) in error
    assert told in error
    assert error.count("\n") == 1


def test_what_got_worse_stands_last(before: Report, after: Report) -> None:
    turn(after, 12, "error")
    lines = told(compare(before, after))
    assert lines[1] == "newly failing: 12"
    assert "  … and 2 more" in lines
    assert lines[-2:] == ["✗ 12 cases fail that did not", "WORSE: exit code 1"]


def test_a_comparison_is_short_and_fits_a_terminal(tmp_path: Path) -> None:
    """Other cases of many ops were drawn: nearly all medians and counts changed."""
    for seed in (1, 2):
        outcome = collect(Plan(seed=seed, cases=24, dtypes=("float32",), profile="median-small"))
        write(Folder(tmp_path / str(seed), replace=False), outcome, gate(outcome))
    lines = told(compare(*(load_report(tmp_path / str(seed)) for seed in (1, 2))))
    assert len(lines) <= 5 * (SHOWN + 2) + 2
    assert any("more" in line for line in lines)
    assert max(map(len, lines)) <= 80
    assert not any("nan" in line for line in lines)
