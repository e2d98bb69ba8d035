"""`python -m oracle faults`: what it says, keeps, and refuses; and the rate of false alarms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import binom

from oracle import cli
from oracle.faults import run as plantings
from oracle.faults.clean import CleanError, Rate, clean
from oracle.faults.document import page
from oracle.faults.hunt import Outcome, Task
from oracle.faults.record import RECORD
from oracle.faults.run import sample
from oracle.report import power

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
        ["--mutants", "nowhere"],
        ["--mutants", "oracle/report/schema.json"],
        ["--seed", "3,x"],
        ["--out", "/dev/null/x"],
        ["--write", "nowhere/power.md"],
        ["--figures", "oracle"],
        ["--mutants", "{path}", '{"seed": 0, "sample": 1, "mutants": [1]}'],
        ["--mutants", "{path}", '{"seed": 0, "sample": 1, "mutants": [{"module": "x", "what": "killed"}]}'],
        ["--power", "{path}", '{"seed": 0, "cases": 1, "profile": "default", "rows": [{}]}'],
    ],
)
def test_bad_usage_is_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is planted."""
    monkeypatch.delattr(plantings, "run")
    if "{path}" in arguments:
        (tmp_path / "file.json").write_text(arguments[2])
        arguments = [arguments[0], str(tmp_path / "file.json")]
    assert cli.main(["faults", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_sample_takes_plantings_at_even_distances() -> None:
    tasks = [Task("sign", f"op{i:03}", "candidate", "float64", 0, 9) for i in range(100)]
    assert sample(tasks, None) == sample(tasks, 100) == sample(tasks, 1000) == tasks
    assert [task.op for task in sample(tasks, 4)] == ["op012", "op037", "op062", "op087"]


def test_every_report_states_the_figures_that_the_command_wrote(done: Path, tmp_path: Path) -> None:
    path, file = copied(done, tmp_path / "again"), tmp_path / "power.json"
    assert cli.main([*SMALL, "--out", str(path), "--resume", "--figures", str(file)]) == 0
    found = json.loads(file.read_text())
    every = {"plantings": 4, "caught": 4, "blamed_right": 4}
    assert {key: found[key] for key in every} == every
    assert found["classes"] == dict.fromkeys(("scaled", "sign"), dict.fromkeys(every, 2))
    assert "of 4 planted faults, 4 were caught, 4 blamed" in next(power.told(found))
    assert list(power.rows(found)) == [("scaled", "2", "2", "2"), ("sign", "2", "2", "2")]


def test_the_figures_that_come_with_the_program_are_those_of_the_page() -> None:
    page, found = Path("docs/power.md").read_text(encoding="utf-8"), power.power()
    right = found["blamed_right"]
    assert f"Of {found['plantings']:,} plantings, {right:,} were caught and blamed right." in page
    assert f"Generator {found['generator_version']}; seeds {', '.join(map(str, found['seeds']))};" in page
    for dtype, rate in found["clean"].items():
        assert f"| {dtype} | {rate['cases']:,} |" in page
        assert f"| {rate['bound']:.1e} |" in page


# --- false alarms ------------------------------------------------------------------------------


@pytest.mark.parametrize(("cases", "alarms"), [(1, 0), (300, 0), (100_000, 0), (1000, 3), (50, 49)])
def test_the_bound_is_that_of_the_exact_interval(cases: int, alarms: int) -> None:
    bound = Rate(cases, alarms=alarms).bound
    assert binom.cdf(alarms, cases, bound) == pytest.approx(0.05)
    assert bound > alarms / cases


def test_no_number_of_clean_cases_makes_the_rate_zero() -> None:
    assert Rate(100_000).bound == pytest.approx(3 / 100_000, rel=0.01)  # the rule of three
    assert Rate(10**9).bound > 0
    assert Rate().bound == 1.0
    assert Rate(5, alarms=5).bound == 1.0


def campaign(failing: dict[str, str], identity: str = "a", findings: Any = ()) -> tuple[Any, pd.DataFrame]:
    """The report of 100 cases of each dtype, and its table."""
    told = {
        "campaign_identity": identity * 64,
        "seed": 5,
        "generator_version": 3,
        "profile": {"name": "default"},
        "findings": findings,
        "dtypes": ["float64", "float32"],
    }
    names = [(dtype, f"{dtype}/{index}") for dtype in told["dtypes"] for index in range(100)]
    rows = [(dtype, case, failing.get(case, "agree"), "tanh", "off; far") for dtype, case in names]
    return told, pd.DataFrame(rows, columns=["dtype", "case", "verdict", "op", "reason"])


def test_registered_findings_are_no_false_alarms_and_poisoned_cases_no_cases() -> None:
    failing = dict.fromkeys(("float64/3", "float64/7"), "candidate-wrong")
    findings = [{"id": "known", "cases": ["float64/3"]}, {"id": None, "cases": ["float64/7"]}]
    other = {"float32/9": "error", "float32/1": "poisoned", "float32/2": "undecided"}
    found = clean([campaign(failing, findings=findings), campaign(other, "b")])
    assert found.rates == {"float64": Rate(200, 1, 1), "float32": Rate(199, 0, 1)}
    assert found.unexplained == [
        "seed 5, float64/7: candidate-wrong, tanh: off",
        "seed 5, float32/9: error, tanh: off",
    ]
    assert found.campaigns == [f"seed 5, {n} cases of the profile default, generator 3" for n in (200, 199)]


def test_campaigns_are_counted_once() -> None:
    with pytest.raises(CleanError, match="counted twice"):
        clean([campaign({}), campaign({})])


def test_the_page_states_cases_known_failures_alarms_and_the_bound() -> None:
    failing = {f"float32/{index}": "error" for index in range(30)}
    header = {"versions": {}, "seeds": [1], "cases": 9, "all": 0, "sample": None, "generator": 3}
    text = "\n".join(page(header, {}, "2026-01-01", None, clean([campaign(failing)])))
    assert f"| float64 | 100 | 0 | 0 | {Rate(100).bound:.1e} |" in text
    assert f"| all | 200 | 0 | 30 | {Rate(200, 0, 30).bound:.1e} |" in text
    assert text.endswith("- … and 10 more")


def test_the_page_says_of_every_module_of_the_judge_which_tests_died() -> None:
    rows = [("judge.sheet", "killed", "tests/oracle/test_sheet.py::test_a")] * 2
    rows += [("judge.sheet", "survivor", ""), ("judge.truth", "killed", "tests/oracle/test_judge.py::test_b")]
    mutants = [dict(zip(("module", "what", "killer"), row, strict=True)) for row in rows]
    header = {"versions": {}, "seeds": [1], "cases": 9, "all": 0, "sample": None, "generator": 3}
    lines = list(page(header, {}, "2026-01-01", None, clean([]), mutants))
    assert "| judge.sheet | 3 | 2 | 0 | 1 | test_sheet 2 |" in lines
    assert lines[-1] == "| all | 4 | 3 | 0 | 1 | test_judge 1, test_sheet 2 |"
