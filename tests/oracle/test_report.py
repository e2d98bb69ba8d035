"""Reports: complete, exact, valid against their schema, and read back as they were."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
from oracle.campaign.account import Poisoned
from oracle.campaign.gate import gate
from oracle.campaign.outcome import Outcome, collect
from oracle.campaign.plan import CHUNK, Plan, chunk_hash, merkle_root
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import CaseError, read
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict, TensorVerdict, Verdict
from oracle.report import exact
from oracle.report.document import SAVED
from oracle.report.folder import Folder
from oracle.report.load import ReportError
from oracle.report.ops import table
from oracle.report.replay import describe, locate
from oracle.report.summary import markdown
from oracle.report.terminal import terminal
from oracle.report.write import build, write
from tests.oracle.candidates import Scaled
from tests.oracle.outcomes import made_up, rows

PLAN = Plan(seed=5, cases=40, profile="median-small")
SCHEMA = json.loads((Path(oracle.__file__).parent / "report/schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return collect(PLAN)


@pytest.fixture(scope="module")
def folder(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    write(Folder(path, replace=False), outcome, gate(outcome))
    return path


@pytest.fixture(scope="module")
def failed() -> Outcome:
    return collect(Plan(seed=5, cases=15, profile="median-small"), candidate=Scaled())


def awkward() -> Outcome:
    """One of everything that a report may hold."""
    nan, inf = float("nan"), float("inf")
    tensors = (
        TensorVerdict("p0", "gradient", "relu", 3, Verdict.AGREE, "rounding", inf, inf),
        TensorVerdict("p1", "gradient", "relu", 3, Verdict.ERROR, "structure", nan, nan, "NaN | pipes"),
    )
    judged = [
        CaseVerdict(
            "float32/0", Verdict.ERROR, "relu", "structure", tensors, "a | b", 2, True, {"screen": 1e-9}
        ),
        *(
            CaseVerdict(f"float32/{i}", Verdict.ERROR, "relu", "structure", (), "é" * 200)
            for i in range(1, 30)
        ),
    ]
    lost = [Poisoned(f"float32/{index}", "its worker died") for index in (30, 31)]
    return made_up(Plan(2**64 - 1, 32, ("float32",), "default", ("relu", "tanh")), [*judged, *lost])


def refuse_constant(token: str) -> None:
    raise AssertionError(f"{token} is not JSON")


# --- report.json ---


@pytest.mark.parametrize("kind", ["passed", "failed", "awkward", "empty"])
def test_report_json_is_valid_and_holds_no_nan_tokens(kind: str, request: pytest.FixtureRequest) -> None:
    found = {"awkward": awkward, "empty": lambda: Outcome(PLAN)}.get(kind)
    it: Outcome = found() if found else request.getfixturevalue({"passed": "outcome"}.get(kind, kind))
    report, _ = build(it, gate(it))
    text = exact.dumps(report)
    VALIDATOR.validate(json.loads(text, parse_constant=refuse_constant))
    assert exact.loads(text) == report


def test_the_schema_is_one_and_refuses_what_it_does_not_know(folder: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    report = json.loads((folder / "report.json").read_text())
    for key in report:
        assert not VALIDATOR.is_valid({k: v for k, v in report.items() if k != key}), key
    assert not VALIDATOR.is_valid({**report, "more": 1})


def test_cases_add_up(folder: Path) -> None:
    report = oracle.load_report(folder).report
    cases = report["cases"]
    assert cases["requested"] == cases["compared"] + cases["discarded"] + cases["poisoned"] == 80
    assert sum(report["verdicts"].values()) == sum(report["decided_by"].values()) == cases["compared"]
    assert sum(report["tensors"]["verdicts"].values()) == report["tensors"]["compared"]
    speed = report["throughput"]
    assert speed["cases_per_second_per_core"] == cases["compared"] / speed["busy_seconds"]
    assert sum(step["share"] for step in speed["steps"].values()) == pytest.approx(1)


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_floats_are_exact_wherever_they_stand(value: Any) -> None:
    text = exact.dumps({"value": value, "~a/b": [value]})
    json.loads(text, parse_constant=refuse_constant)
    assert repr(exact.loads(text)) == repr({"value": value, "~a/b": [value]})


def test_a_key_with_a_slash_is_no_path() -> None:
    document = {"a/b": 1.5, "a": {"b": 2}, "a~1b": 3}
    assert exact.loads(exact.dumps(document)) == document


# --- tables ---


def test_load_report_gives_back_what_was_written(folder: Path, outcome: Outcome) -> None:
    loaded = oracle.load_report(str(folder))
    assert loaded.report["outcome_identity"] == outcome.identity
    assert list(loaded.cases["case"]) == [f"{d}/{i}" for d in PLAN.dtypes for i in range(PLAN.cases)]
    judged = sorted(rows(outcome), key=lambda row: (PLAN.dtypes.index(row["dtype"]), row["index"]))
    for row, wanted in zip(loaded.cases.to_dict("records"), judged, strict=True):
        assert row == {**wanted, "tensors": len(wanted["tensors"])}
    written = [(row["case"], tensor) for row in judged for tensor in row["tensors"]]
    for row, (case, tensor) in zip(loaded.tensors.to_dict("records"), written, strict=True):
        assert repr(row) == repr(
            {key: {**tensor, "case": case, "dtype": case.partition("/")[0]}[key] for key in row}
        )


def test_every_field_of_a_verdict_has_its_column(folder: Path) -> None:
    loaded = oracle.load_report(folder)
    assert {field.name for field in fields(TensorVerdict)} - set(loaded.tensors) == {"error_ulp"}
    assert {field.name for field in fields(CaseVerdict)} - set(loaded.cases) == {"case_id"}


def test_the_outcome_can_be_checked_from_the_table_alone(folder: Path) -> None:
    loaded = oracle.load_report(folder)
    tree, seed = loaded.report["outcome_tree"], loaded.report["seed"]
    assert tree["chunk"] == CHUNK
    leaves = []
    for start in range(0, PLAN.cases, CHUNK):
        for dtype in loaded.report["dtypes"]:
            index = loaded.cases["index"]
            part = loaded.cases[(loaded.cases["dtype"] == dtype) & (index >= start) & (index < start + CHUNK)]
            rows = zip(part["case"], part["verdict"], part["op"], strict=True)
            leaves.append(chunk_hash((f"{seed}:{case}", verdict, op) for case, verdict, op in rows))
    assert [leaf.hex() for leaf in leaves] == tree["leaves"]
    assert merkle_root(leaves) == loaded.report["outcome_identity"]


def test_poisoned_cases_have_their_row(tmp_path: Path) -> None:
    found = awkward()
    write(Folder(tmp_path, replace=False), found, gate(found))
    cases = oracle.load_report(tmp_path).cases
    assert len(cases) == 32
    assert list(cases[cases["verdict"] == "poisoned"]["case"]) == ["float32/30", "float32/31"]


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"hex": {}}', "\0", '{"format": "x", "hex": {}}'])
def test_a_folder_without_a_report_is_refused_in_one_line(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    with pytest.raises(ReportError, match=r"^[^\n]*report[^\n]*$"):
        oracle.load_report(tmp_path)


def test_a_damaged_table_is_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes((folder / "report.json").read_bytes())
    (tmp_path / "cases.parquet").write_bytes(b"PAR1 and then something else")
    with pytest.raises(ReportError, match=r"^[^\n]*cannot be read[^\n]*$"):
        oracle.load_report(tmp_path)


# --- words ---


@pytest.mark.parametrize("kind", ["passed", "failed", "awkward", "empty"])
def test_the_verdict_fits_a_terminal(kind: str, request: pytest.FixtureRequest) -> None:
    found = {"awkward": awkward, "empty": lambda: Outcome(PLAN)}.get(kind)
    it: Outcome = found() if found else request.getfixturevalue({"passed": "outcome"}.get(kind, kind))
    failures = gate(it)
    report, _ = build(it, failures)
    lines = terminal(report, Path("reports/latest"))
    assert len(lines) <= 25
    assert all(len(line) <= 80 and line.isprintable() for line in lines), lines
    assert lines[-1].startswith("FAIL: exit code" if failures else "PASS: exit code 0")
    assert failures == [] or failures[0].message[:60] in "\n".join(lines)
    assert all(failure.message in markdown(report) for failure in failures)


def test_what_is_wrong_has_room_however_many_steps_there_are(failed: Outcome) -> None:
    """Where all steps took time, they would fill the terminal."""
    report, _ = build(failed, gate(failed))
    steps = {f"step{k}": {"seconds": 1.0 + k, "share": 0.05} for k in range(16)}
    report["throughput"]["steps"] = steps
    lines = terminal(report, Path("reports/latest"))
    text = "\n".join(lines)
    assert len(lines) <= 25
    assert "✗ candidate-wrong" in text
    assert "see one: " in text
    assert "step15" in text
    assert "step1 " not in text


def test_known_findings_and_all_verdicts_fit_a_terminal_and_no_count_is_cut(outcome: Outcome) -> None:
    """However many findings were met, each has one line, and steps give way to the first of them."""
    report, _ = build(outcome, [])
    report["verdicts"] = dict.fromkeys(report["verdicts"], 1234567)
    report["throughput"]["steps"] = {f"step{k}": {"seconds": 1.0 + k, "share": 0.05} for k in range(16)}
    report["findings"] = [
        {"id": f"finding-{k // 2}", "title": "it is wrong " * 9, "cases": ["a", "b"], "script": "x.py"}
        for k in range(40)
    ]
    lines = terminal(report, Path("reports/latest"))
    text = " ".join(" ".join(lines).split())
    assert len(lines) <= 25
    assert all(len(line) <= 80 for line in lines)
    assert all(f"{verdict} 1,234,567" in text for verdict in Verdict)
    assert sum("finding finding-" in line for line in lines) >= 3
    assert "finding finding-0, 4 cases: it is wrong" in text
    assert lines[-1] == "PASS: exit code 0"


def test_a_failure_names_its_case_and_the_command_that_shows_it(failed: Outcome) -> None:
    report, _ = build(failed, gate(failed))
    text = "\n".join(terminal(report, Path("a folder")))
    first = failed.account.failing[0]
    assert f"python -m oracle replay 'a folder:{first['case']}'" in text
    assert f"{first['case']:14} candidate-wrong at {first['op']}" in text
    assert "✗ candidate-wrong: " in text


def test_every_op_has_its_line_and_says_whether_it_has_kinks() -> None:
    lines = list(table())
    assert all(len(line) <= 80 for line in lines)
    kinks = {line.split()[0]: line.split()[3] for line in lines if not line.startswith(" ")}
    assert kinks.pop("op") == "kinks"
    assert set(kinks.values()) == {"yes", "no"}  # no file is silent about it
    assert kinks["relu"] == kinks["softplus"] == "yes"


# --- failing cases ---


def test_the_first_failing_cases_are_saved_and_fail_again(failed: Outcome, tmp_path: Path) -> None:
    write(Folder(tmp_path, replace=False), failed, gate(failed))
    entries = oracle.load_report(tmp_path).report["disagreements"]
    assert len(entries) == failed.account.failures > SAVED
    assert [entry["file"] is not None for entry in entries] == [i < SAVED for i in range(len(entries))]
    for entry in entries[:SAVED]:
        case = read(tmp_path / entry["file"])
        again = locate(f"{tmp_path}:{entry['case']}")
        assert case.case_id == again.case_id == entry["case"]
        assert case.architecture == again.architecture
        assert all((case.leaves[name] == again.leaves[name]).all() for name in case.leaves)


def test_replay_shows_every_node_and_every_tensor(folder: Path) -> None:
    case = locate(f"{folder}:float32/7")
    verdict = judge(case, TorchAutograd())
    lines = describe(case, verdict)
    assert all(len(line) <= 80 for line in lines)
    text = "\n".join(lines)
    assert all(
        f"  {name} = {case.architecture.nodes[name].op.name}(" in text for name in case.architecture.order
    )
    assert all(f"{tensor.role} {tensor.name}" in text for tensor in verdict.tensors)
    assert lines[-1].startswith(f"verdict: {verdict.verdict.value}")


@pytest.mark.parametrize(
    "change",
    [
        {"generator_version": 999},
        {"campaign_identity": "0" * 64},
        {"profile": {"name": "gone"}},
        {"seed": 1},
        {"range": None},
        {"dtypes": None},
    ],
)
def test_replay_refuses_a_report_that_it_would_draw_otherwise(
    folder: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    report = json.loads((folder / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**report, **change}))
    with pytest.raises(CaseError, match=r"^[^\n]+$"):
        locate(f"{tmp_path}:float64/0")


@pytest.mark.parametrize(
    "case", ["float64/40", "float16/0", "float64", "float64/-1", "float64/x", "float64/²", ""]
)
def test_replay_refuses_a_case_that_the_report_does_not_hold(folder: Path, case: str) -> None:
    with pytest.raises(CaseError, match="it holds float64/0 … float64/39, float32/0 … float32/39"):
        locate(f"{folder}:{case}")


def test_a_report_states_what_planted_faults_showed(folder: Path) -> None:
    told, found = (folder / "summary.md").read_text(), oracle.load_report(folder).report["power"]
    assert "## Power" in told
    assert f"of {found['plantings']:,} planted faults" in told
    assert f"| sign | {found['classes']['sign']['plantings']:,} |" in told
