"""`python -m oracle faults`: what it says, keeps, and refuses; and the rate of false alarms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binom

from oracle import cli
from oracle.faults import run as plantings
from oracle.faults.clean import CleanError, Rate, rates
from oracle.faults.hunt import Outcome, Task
from oracle.faults.record import RECORD
from oracle.faults.run import sample

pytestmark = pytest.mark.usefixtures("in_this_process")
SMALL = [
    "faults",
    "--ops",
    "relu",
    "--classes",
    "sign,scaled",
    "--dtype",
    "float64",
    "--seed",
    "3",
    "--jobs",
    "1",
]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of four plantings."""
    path = tmp_path_factory.mktemp("done") / "faults"
    assert cli.main([*SMALL, "--out", str(path)]) == 0
    return path


def outcome(task: Task) -> Outcome:
    return Outcome(3, 2, 2, 0.5, "candidate-wrong", task.op, "candidate-wrong", True, "float64/2: …")


def copied(done: Path, to: Path) -> Path:
    to.mkdir()
    (to / RECORD).write_bytes((done / RECORD).read_bytes())
    return to


def test_results_are_written_as_json_and_as_a_page(done: Path) -> None:
    found = json.loads((done / "faults.json").read_text())
    assert (found["seeds"], found["all"], found["lost"]) == ([3], 4, [])
    assert all(result["told"] and result["caught"] >= 1 for result in found["results"])
    page = (done / "faults.md").read_text()
    assert "Of 4 plantings, 4 were caught and blamed right." in page
    assert "| sign, reference | 1 | 1 | 1 |" in page
    assert "- `sign` (reference-wrong / candidate-wrong): x̄ ↦ −x̄." in page


def test_what_is_done_is_not_done_again(done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied(done, tmp_path / "half")
    lines = (path / RECORD).read_text().splitlines(keepends=True)
    (path / RECORD).write_text("".join(lines[:3]))
    planted: list[Task] = []
    monkeypatch.setattr(plantings, "hunt", lambda task: planted.append(task) or outcome(task))
    assert cli.main([*SMALL, "--out", str(path), "--resume"]) == 0
    assert len(planted) == 2
    assert cli.main([*SMALL, "--out", str(path), "--resume", "--write", str(tmp_path / "power.md")]) == 0
    assert len(planted) == 2
    assert (tmp_path / "power.md").read_text() == (path / "faults.md").read_text()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines: [*lines[:2], lines[2][:-9]], "line 3 is damaged"),
        (lambda lines: [*lines[:2], "{}\n"], "line 3 is no planting"),
        (lambda lines: [*lines, lines[2]], "belongs to other plantings"),
        (lambda lines: [lines[0], lines[1].replace('"relu"', '"tanh"')], "belongs to other plantings"),
        (lambda lines: [lines[0].replace('"cases": 2000', '"cases": 2001'), *lines[1:]], "of another kind"),
        (lambda lines: ["", *lines[1:]], "another kind"),
        (lambda lines: [], "holds no plantings"),
    ],
)
def test_a_damaged_or_foreign_record_is_refused_in_one_line(
    done: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Any, says: str
) -> None:
    path = copied(done, tmp_path / "spoiled")
    before = "".join(spoil((path / RECORD).read_text().splitlines(keepends=True)))
    (path / RECORD).write_text(before)
    assert cli.main([*SMALL, "--out", str(path), "--resume"]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert (path / RECORD).read_text() == before


def test_results_are_not_gone_on_with_unasked(done: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*SMALL, "--out", str(done)]) == 2
    assert "--resume" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        (Outcome(drawn=9, wanted="candidate-wrong"), 1, "changes nothing in 9 cases"),
        (Outcome(drawn=9, bitten=4, wanted="candidate-wrong"), 1, "missed in 9 cases, in 4 of which"),
        (
            Outcome(9, 4, 2, 0.1, "undecided", "tanh", "candidate-wrong"),
            1,
            "undecided, tanh; candidate-wrong was",
        ),
    ],
)
def test_a_fault_that_is_missed_or_blamed_wrongly_is_exit_1(
    said: Outcome, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plantings, "hunt", lambda task: said)
    assert cli.main(SMALL) == code
    assert told in capsys.readouterr().out


def test_a_planting_whose_worker_died_is_lost_and_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def dies(task: Task) -> Outcome:
        if task.fault == "sign":
            raise OSError("killed its worker")
        return outcome(task)

    monkeypatch.setattr(plantings, "hunt", dies)
    assert cli.main(SMALL) == 3
    assert capsys.readouterr().out.count("killed its worker") == 2


def test_an_interrupt_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted: list[Task] = []

    def interrupted(task: Task) -> Outcome:
        planted.append(task)
        if len(planted) == 3:
            raise KeyboardInterrupt
        return outcome(task)

    monkeypatch.setattr(plantings, "hunt", interrupted)
    assert cli.main([*SMALL, "--out", str(tmp_path / "out")]) == 130
    assert (
        "after 2 of 4 plantings, which are kept; go on with: python -m oracle faults"
        in (capsys.readouterr().err.splitlines()[-1])
    )
    monkeypatch.setattr(plantings, "hunt", outcome)
    assert cli.main([*SMALL, "--out", str(tmp_path / "out"), "--resume"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--ops", "rellu"],
        ["--classes", "sing"],
        ["--dtype", "float16"],
        ["--resume"],
        ["--clean", "nowhere"],
        ["--power", "nowhere"],
        ["--seed", "3,x"],
    ],
)
def test_bad_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["faults", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_sample_takes_plantings_at_even_distances() -> None:
    tasks = [Task("sign", f"op{i:03}", "candidate", "float64", 0, 9) for i in range(100)]
    assert sample(tasks, None) == sample(tasks, 100) == sample(tasks, 1000) == tasks
    assert [task.op for task in sample(tasks, 4)] == ["op012", "op037", "op062", "op087"]


# --- false alarms ------------------------------------------------------------------------------


@pytest.mark.parametrize(("cases", "alarms"), [(1, 0), (300, 0), (100_000, 0), (1000, 3), (50, 49)])
def test_the_bound_is_that_of_the_exact_interval(cases: int, alarms: int) -> None:
    bound = Rate(cases, alarms).bound
    assert binom.cdf(alarms, cases, bound) == pytest.approx(0.05)
    assert bound > alarms / cases


def test_no_number_of_clean_cases_makes_the_rate_zero() -> None:
    assert Rate(100_000).bound == pytest.approx(3 / 100_000, rel=0.01)  # the rule of three
    assert Rate(10**9).bound > 0
    assert Rate().bound == 1.0
    assert Rate(5, 5).bound == 1.0


def report(**changes: Any) -> dict[str, Any]:
    verdicts = dict.fromkeys(
        ("reference-wrong", "candidate-wrong", "definition-differs", "error", "agree"), 0
    )
    made = {
        "campaign_identity": "a" * 64,
        "disagreements": [],
        "verdicts": verdicts,
        "findings": [],
        "range": {"start": 0, "stop": 100},
        "dtypes": ["float64", "float32"],
        "poisoned": [],
    }
    return {**made, **changes}


def test_registered_findings_are_no_false_alarms_and_poisoned_cases_no_cases() -> None:
    rows = [{"case": "float64/3"}, {"case": "float64/7"}, {"case": "float32/9"}]
    found = report(
        disagreements=rows,
        verdicts={**report()["verdicts"], "candidate-wrong": 3},
        findings=[{"id": "known", "cases": ["float64/3"]}, {"id": None, "cases": ["float64/7", "float32/9"]}],
        poisoned=[{"case": "float32/1"}],
    )
    assert rates([found, report(campaign_identity="b" * 64)]) == {
        "float64": Rate(200, 1),
        "float32": Rate(199, 1),
    }


def test_campaigns_are_counted_once_and_whole() -> None:
    with pytest.raises(CleanError, match="counted twice"):
        rates([report(), report()])
    with pytest.raises(CleanError, match="names 0 of its 2 failing cases"):
        rates([report(verdicts={**report()["verdicts"], "error": 2})])
