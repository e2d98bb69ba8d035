"""The command line, as a user meets it: exit codes, and one line for whatever goes wrong."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import oracle
from oracle import cli
from oracle.campaign import cases as campaign
from oracle.campaign.outcome import collect
from oracle.campaign.plan import Plan
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import read
from oracle.report.folder import Folder
from tests.oracle.candidates import Raising, Scaled

ROOT = Path(__file__).parents[2]
KNOWN = ["--findings", str(ROOT / "reports/findings")]  # what torch is known to have wrong
pytestmark = pytest.mark.usefixtures("in_this_process")
SMALL = ["--cases", "30", "--profile", "median-small", "--ops", "linear,relu,softmax", "--jobs", "1"]
SMALL += ["--seed", "2"]  # each op has its floor of evidence


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report."""
    path = tmp_path_factory.mktemp("saved") / "report"
    assert cli.main(["verify", *SMALL, "--out", str(path)]) == 0
    return path


def start(*arguments: str, stdout: Any = subprocess.PIPE, **options: Any) -> subprocess.Popen[str]:
    """The command in a process of its own, its output buffered as usual."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONUNBUFFERED", None)
    command = [sys.executable, "-m", "oracle", *arguments]
    return subprocess.Popen(
        command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.fixture
def room() -> Iterator[Callable[[int], None]]:
    """Leaves room on the disk for files of so many bytes, and no more."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


# --- what goes well ---


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, io, oracle.cli\n"
        "for command in ([], ['verify'], ['replay'], ['ops']):\n"
        "    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "        oracle.cli.main([*command, '--help'])\n"
        "print([name for name in ('numpy', 'scipy', 'torch', 'pandas', 'tqdm') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_verify_writes_a_report_and_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", *SMALL, *KNOWN, "--seed", "7"]) == 0
    out, err = capsys.readouterr()
    assert out.endswith("report   reports/latest\nPASS: exit code 0\n")
    assert err.splitlines()[-1].startswith("60 of 60 cases, ")
    first = oracle.load_report("reports/latest").report
    assert cli.main(["verify", *SMALL, *KNOWN, "--seed", "7"]) == 0
    second = oracle.load_report("reports/latest").report
    assert first["outcome_identity"] == second["outcome_identity"]
    assert first["campaign_identity"] == second["campaign_identity"]


def test_verify_on_some_ops_features_these_alone() -> None:
    assert cli.main(["verify", *SMALL, "--ops", "relu,tanh", "--dtype", "float32"]) == 0
    report = oracle.load_report("reports/latest").report
    assert {op for op, seen in report["coverage"]["ops"].items() if seen["featured"]} == {"relu", "tanh"}
    assert report["cases"]["requested"] == 30


def test_replay_shows_the_same_case_from_a_report_and_from_a_file(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["replay", f"{saved}:float32/4", "--save", "case.json"]) == 0
    first = capsys.readouterr().out
    assert cli.main(["replay", "case.json"]) == 0
    again = capsys.readouterr().out
    assert [line.split()[:6] for line in again.splitlines()] == [
        line.split()[:6] for line in first.splitlines()
    ]
    assert first.splitlines()[-1].startswith("verdict: ")
    assert read(Path("case.json")).case_id == "float32/4"


def test_ops_lists_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ops"]) == 0
    assert "softplus      activation    f32,f64       yes" in capsys.readouterr().out


# --- what a disagreement looks like ---


@pytest.mark.parametrize(
    ("candidate", "shown"),
    [
        (Scaled(), "candidate-wrong at "),
        (Raising(), "reference: computed; candidate: RuntimeError: no such kernel"),
    ],
)
def test_a_wrong_candidate_gives_exit_code_1_and_its_case_replays(
    candidate: Any, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(campaign, "default_candidate", lambda: candidate)
    assert cli.main(["verify", *SMALL]) == 1
    out = capsys.readouterr().out
    assert shown in " ".join(out.split())
    assert "FAIL: exit code 1" in out
    (command,) = (line for line in out.splitlines() if line.startswith("see one: "))
    assert cli.main(command.split()[5:]) == 1
    out = capsys.readouterr().out
    assert shown in " ".join(out.split())
    (file, *_) = sorted(Path("reports/latest/cases").iterdir())
    assert cli.main(["replay", str(file)]) == 1
    monkeypatch.setattr(campaign, "default_candidate", TorchAutograd)
    assert cli.main(["replay", str(file)]) == 0


def test_too_few_cases_for_an_op_give_exit_code_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", *SMALL[2:], "--cases", "1", "--dtype", "float64"]) == 4
    assert "FAIL: exit code 4 — too little was compared" in capsys.readouterr().out


def test_poisoned_cases_give_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(campaign, "judging", lambda *_, **__: 1 / 0)
    assert cli.main(["verify", *SMALL]) == 3
    assert "✗ poisoned: 60 cases have no verdict; float64/0: ZeroDivisionError" in capsys.readouterr().out


# --- what is refused ---

REFUSED = [
    ([], "COMMAND"),
    (["verfy"], "verfy"),
    (["verify", "--bogus"], "--bogus"),
    (["verify", "--case", "3"], "--case"),
    (["verify", "--cases", "0"], "--cases: '0' is not an integer in 1 …"),
    (["verify", "--cases", "many"], "--cases: 'many'"),
    (["verify", "--cases", "9" * 9999], "--cases: '999"),
    (["verify", "--seed", "-1"], "--seed: '-1'"),
    (["verify", "--seed", str(2**64)], "--seed"),
    (["verify", "--seed", "1.5"], "--seed: '1.5'"),
    (["verify", "--jobs", "0"], "--jobs: '0'"),
    (["verify", "--profile", "defualt"], "--profile: 'defualt' is unknown; did you mean default?"),
    (["verify", "--profile", "../default"], "--profile: '../default' is unknown"),
    (["verify", "--dtype", "float16"], "--dtype: 'float16' is unknown"),
    (["verify", "--dtype", ""], "--dtype: '' is unknown"),
    (["verify", "--ops", "relu,tan\nh"], r"--ops: 'tan\nh' is unknown; did you mean tanh?"),
    (["verify", "--ops", ""], "--ops: '' is unknown"),
    (["verify", "--out", "held"], "--out: held: holds case.json"),
    (["verify", "--out", "held/mine.txt"], "--out: held/mine.txt: cannot be written to"),
    (["verify", "--out", "held/mine.txt/deeper"], "cannot be written to"),
    (["verify", "--out", "x" * 300], "cannot be written to"),
    (["verify", "--out", "/proc/none"], "cannot be written to"),
    (["verify", "--shard", "0/3"], "--shard: '0/3' is not K/N"),
    (["verify", "--shard", "4/3"], "--shard: '4/3' is not K/N"),
    (["verify", "--shard", "1/3", "--cases", "32", "--dtype", "float64"], "--shard: 32 cases make 1 shards"),
    (["verify", "--shard", "1/3", "--minutes", "1"], "--shard: has a range of its own"),
    (["verify", "--minutes", "0"], "--minutes: '0' is not a number of minutes"),
    (["verify", "--minutes", "nan"], "--minutes: 'nan' is not a number of minutes"),
    (["verify", "--case-timeout", "-1"], "--case-timeout: '-1'"),
    (["verify", "--worker-memory", "much"], "--worker-memory: 'much' is not a size as 500M or 4G"),
    (["verify", "--engine", "dusk"], "--engine: 'dusk' is unknown; did you mean dask?"),
    (["verify", "--scheduler", "tcp://x:1"], "--scheduler: goes with --engine dask alone"),
    (["verify", "--resume", "--out", "SAVED"], "holds the report of another campaign"),
    (["verify", "--resume", "--out", "held"], "--out: held: holds case.json"),
    *(
        ([command, *more, "--findings", path], f"--findings: {path}: {told}")
        for command, more in (("verify", ["--cases", "1"]), ("merge", ["SAVED"]), ("findings", []))
        for path, told in (
            ("held/mine.txt", "File exists" if command == "findings" else "Not a directory"),
            ("/dev/null", "File exists" if command == "findings" else "Not a directory"),
            ("held/mine.txt/deeper", "Not a directory"),
            ("x" * 300, "File name too long"),
        )
    ),
    (["verify", "--findings", "none"], "--findings: none: No such file"),
    (["merge"], "DIR"),
    (["merge", "held"], "merge: held: holds no campaign"),
    (["merge", "SAVED"], "holds no campaign"),
    (["replay"], "CASE"),
    (["replay", "missing.json"], "missing.json"),
    (["replay", "held"], "held: "),
    (["replay", "held/mine.txt"], "held/mine.txt: not JSON"),
    (["replay", "held/case.json"], "held/case.json: "),
    (["replay", "held:float64/0"], "held: no report there"),
    (["replay", "SAVED:float64/99"], "no case 'float64/99'"),
    (["replay", "SAVED:float64/0", "--save", "held/mine.txt"], "--save: held/mine.txt: File exists"),
    (["replay", "SAVED:float64/0", "--save", "none/case.json"], "--save: none/case.json: No such file"),
    (["ops", "relu"], "relu"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    REFUSED,
    ids=lambda value: ascii(" ".join(value))[:40] if isinstance(value, list) else "",
)
def test_bad_usage_is_refused_in_one_line(
    arguments: list[str], told: str, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    Path("held").mkdir()
    Path("held/mine.txt").write_text("mine")
    Path("held/case.json").write_text('{"format": "backprop-oracle case 1"}')
    assert cli.main([argument.replace("SAVED", str(saved)) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("backprop-oracle: ")
    assert err.count("\n") == 1
    assert told in err
    assert len(err) < 500
    held = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert held == {"held", "held/mine.txt", "held/case.json"}


@pytest.mark.parametrize("command", [["verify", "--cases", "1"], ["findings"]])
@pytest.mark.parametrize("place", ["held", "held/observed"])
def test_a_register_that_may_not_be_read_is_not_an_empty_one(
    command: list[str], place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(path: Any) -> list[str]:
        if Path(path) == Path(place):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    listed = os.listdir
    monkeypatch.setattr(os, "listdir", denied)
    Path("held/observed").mkdir(parents=True)
    refused = place == "held" or command == ["findings"]  # a campaign has no use for what is observed
    assert (cli.main([*command, "--findings", "held"]) == 2) == refused
    told = f"backprop-oracle: --findings: {place}: Permission denied\n"
    assert (capsys.readouterr().err == told) == refused


# --- what goes wrong on the way ---


def test_a_full_disk_is_told_in_one_line_and_the_verdict_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(folder: Folder, files: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write", full)
        assert cli.main(["verify", *SMALL]) == 3
    out, err = capsys.readouterr()
    assert "PASS: exit code 0" in out
    assert err.splitlines()[-1].endswith(
        "reports/latest: the report could not be written: No space left on device; its cases are kept: "
        "--resume writes it"
    )
    monkeypatch.setattr(campaign, "judging", None)  # nothing is judged again
    assert cli.main(["verify", *SMALL, "--resume"]) == 0
    assert capsys.readouterr().out.endswith(
        out.partition("campaign ")[2].replace("PASS", "report   reports/latest\nPASS")
    )


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["replay", "case.json", "--save", "again.json"], "again.json"),
        (["shrink", "case.json", "--out", "out"], "out"),
        (["findings", "--findings", "register"], "register"),
    ],
)
def test_a_full_disk_is_told_with_the_place_that_it_is_at(
    arguments: list[str], where: str, saved: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], room: Callable[[int], None],
) -> None:  # fmt: skip
    monkeypatch.setattr(campaign, "default_candidate", lambda: Scaled())
    assert cli.main(["replay", f"{saved}:float32/4", "--save", "case.json"]) == 1
    Path("register").mkdir()
    capsys.readouterr()
    room(8)
    assert cli.main(arguments) == 3
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"backprop-oracle: {where}: File too large\n")
    assert not Path("again.json").exists()


def test_an_interrupt_is_one_line_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(campaign, "judging", interrupt)
    assert cli.main(["verify", *SMALL]) == 130
    assert (
        capsys.readouterr().err == "backprop-oracle: interrupted after 0 of 60 cases; no report was written\n"
    )
    assert not Path("reports").exists()


@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_a_campaign_that_is_ended_midway_goes_on_where_it_was(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = ["verify", "--cases", "224", "--dtype", "float32", "--profile", "median-small", "--jobs", "2"]
    campaign += ["--ops", "linear,relu,softmax", *KNOWN]
    with start(*campaign, "--out", "it", start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("it/parts/*.parquet")) and time.monotonic() < deadline:
            time.sleep(0.05)
        began = time.monotonic()
        if how == "interrupted":  # as a terminal does: every process of the group
            os.killpg(process.pid, signal.SIGINT)
        else:
            os.kill(process.pid, signal.SIGKILL)
        _, err = process.communicate(timeout=60)  # ends when the last of them has closed its streams
        assert time.monotonic() - began < 6  # within 3 s on a machine that is not shared
    told = err.splitlines()[-1] if err else ""
    if how == "interrupted":
        assert process.returncode == 130
        assert told.startswith("backprop-oracle: interrupted after ")
        assert told.endswith(
            f"which are kept; go on with: python -m oracle {' '.join(campaign)} --out it --resume"
        )
    assert cli.main([*campaign, "--out", "it"]) == 2
    assert "it: holds a campaign that is not finished; go on with --resume" in capsys.readouterr().err
    kept = len(list(tmp_path.glob("it/parts/*.parquet")))
    assert 1 <= kept < 7
    assert cli.main([*campaign, "--out", "it", "--resume"]) == 0
    capsys.readouterr()
    found = oracle.load_report("it").report
    assert (
        found["outcome_identity"]
        == collect(Plan(0, 224, ("float32",), "median-small", ("linear", "relu", "softmax"))).identity
    )
    left = {path.name for path in (tmp_path / "it").iterdir()} - {"cases"}  # of known findings
    assert left == {"report.json", "cases.parquet", "tensors.parquet", "summary.md"}
    assert cli.main([*campaign, "--out", "it", "--resume"]) == 0
    assert found["outcome_identity"][:16] in capsys.readouterr().out


def test_a_disk_that_is_full_amid_the_campaign_stops_it_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sync, written = os.fsync, []

    def full(file: int) -> None:
        written.append(file)
        if len(written) > 4:  # the header, a part, and their folders
            raise OSError(28, "No space left on device")
        sync(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert cli.main(["verify", *SMALL]) == 3
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("backprop-oracle: reports/latest/parts: No space left on device; after 30 of 60 ")
    assert cli.main(["verify", *SMALL, "--resume"]) == 0
    assert capsys.readouterr().err.splitlines()[0].startswith("60 of 60 cases")


def test_minutes_end_a_campaign_whose_range_can_be_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", *SMALL[2:], "--minutes", "0.01"]) in (0, 4)
    first = oracle.load_report("reports/latest").report
    assert first["range"]["stop"] % 32 == 0
    assert first["cases"]["compared"] == 2 * first["range"]["stop"] > 0
    summary = Path("reports/latest/summary.md").read_text()
    again = next(line for line in summary.splitlines() if "oracle verify" in line)
    assert cli.main([*again.split()[3:], "--out", "again"]) in (0, 4)
    second = oracle.load_report("again").report
    for identity in ("campaign_identity", "outcome_identity"):
        assert first[identity] == second[identity]


def test_shards_merge_into_the_report_of_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    campaign = [
        "verify",
        "--cases",
        "70",
        "--profile",
        "median-small",
        "--ops",
        "linear,relu,softmax",
        *KNOWN,
    ]
    assert cli.main([*campaign, "--out", "whole"]) == 0
    for k in (1, 2, 3):
        assert cli.main([*campaign, "--shard", f"{k}/3", "--out", f"s{k}"]) == 0
        assert f"shard {k}/3 of campaign " in capsys.readouterr().out
    assert cli.main(["merge", "s1", "s3", "--out", "merged"]) == 2
    assert "merge: shard 2/3 is missing" in capsys.readouterr().err
    assert cli.main(["merge", "s3", "s1", "s2", "--out", "merged"]) == 0
    whole, merged = oracle.load_report("whole"), oracle.load_report("merged")
    for part in ("campaign_identity", "outcome_identity", "outcome_tree", "cases", "coverage", "verdicts"):
        assert whole.report[part] == merged.report[part]
    assert list(whole.cases["case"]) == list(merged.cases["case"])
    assert list(whole.tensors["verdict"]) == list(merged.tensors["verdict"])
    assert cli.main([*campaign, "--shard", "2/3", "--out", "s2", "--resume"]) == 0  # nothing to do


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    for argument in ("--version", "--help"):
        with start(argument) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == ""
        assert process.returncode == 0


def test_an_output_that_is_full_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        process = start("--version", stdout=full)
        _, err = process.communicate()
    assert process.returncode == 3
    assert err == "backprop-oracle: output: No space left on device\n"
