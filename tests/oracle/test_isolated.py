"""A candidate in a process of its own computes the same, and what ends the process ends no more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import handle_torch_function, has_torch_function

import oracle
from oracle import cli
from oracle.campaign import cases, engine
from oracle.campaign.isolated import Isolated, _packed, _unpacked, script_of
from oracle.campaign.limits import Limits
from oracle.campaign.workers import EngineError
from oracle.candidates.protocol import LostError
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import DTYPES, dumps, read
from oracle.commands import verify
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.sides import Clock, run_both
from oracle.judge.verdict import Verdict
from oracle.layouts import LAYOUTS, arrange
from oracle.shrink.shrinker import Shrinker
from tests.oracle.candidates import Fatal, Raising
from tests.oracle.planted import TORCH, case, node

NONE = Limits()
START = case(
    "float64",
    {"x": np.linspace(-1.5, 1.25, 12)},
    {"a": node("tanh", "x"), "b": node("exp", "a")},
    {"b": np.full(12, 0.75)},
)


@pytest.fixture(scope="module")
def workers() -> Iterator[engine.Engine]:
    with engine.processes(1) as it:
        yield it


# --- what it computes ---


@pytest.mark.parametrize("dtype", [*DTYPES, "int64", "bool"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (3, 4), (2, 3, 4)])
def test_arrays_lie_in_memory_as_they_did(dtype: str, layout: str, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    if layout == "expanded" and values.size:
        values = np.broadcast_to(values[:1], shape) if shape else values
    given = arrange(values, layout)
    (got,) = _unpacked(_packed({"x": given})).values()
    assert (got.dtype, got.shape, got.strides) == (given.dtype, given.shape, given.strides)
    assert got.tobytes() == given.tobytes()
    assert not given.size or (got.ctypes.data - given.ctypes.data) % 64 == 0
    assert got.flags.writeable


def test_it_gives_what_the_candidate_gives_here_to_the_bit(workers: engine.Engine) -> None:
    there = Isolated(TORCH, workers.alone, NONE)
    for index in range(16):
        drawn = draw_case(3, DTYPES[index % 2], index, load_profile("median-small"))
        ours, theirs = (run_both(drawn, each, Clock()) for each in (TORCH, there))
        assert ours.messages == theirs.messages
        for key, array in ours.tensors["candidate"].items():
            got = theirs.tensors["candidate"][key]
            assert (got.dtype, got.shape, got.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_what_it_raises_comes_back_with_its_notes(workers: engine.Engine) -> None:
    ran = run_both(START, Isolated(Raising(), workers.alone, NONE), Clock())
    assert ran.messages == {"candidate": "RuntimeError: no such kernel"}
    refused = case("float64", {"x": [1.0, 2.0]}, {"n": node("glu", "x", dim=0)}, {"n": [1.0]})
    here, there = (run_both(refused, each, Clock()) for each in (TORCH, Isolated(TORCH, workers.alone, NONE)))
    assert here.messages == there.messages
    assert here.notes == there.notes


def test_a_candidate_that_cannot_be_asked_is_no_verdict() -> None:
    class Lost:
        def submit(self, *_: Any) -> Any:
            raise LostError("no worker can be started")

    with pytest.raises(LostError):
        judge(START, Isolated(TORCH, Lost(), NONE))  # type: ignore[arg-type]


# --- what ends its process ---


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("abort", "killed its worker (SIGABRT)"),
        ("exit", "ended its worker (exit code 7)"),
        ("hang", "hung: "),
    ],
)
def test_a_trial_that_ends_its_process_shows_nothing_and_shrinking_goes_on(
    way: str, told: str, workers: engine.Engine
) -> None:
    """Below three entries it is fatal: so three it is, though one would do for the fault."""
    candidate = Isolated(Fatal(way), workers.alone, Limits(seconds=0.5))
    shrinker = Shrinker(candidate)
    last = shrinker.run(shrinker.start(START)[0])
    assert last.done
    assert last.failure.verdict is Verdict.CANDIDATE_WRONG
    assert [array.shape for array in last.case.leaves.values()] == [(3,)]
    assert len(last.case.architecture.nodes) == 1
    (line,) = candidate.told
    assert line.startswith("fatal ended its process in ")
    assert told in line


@pytest.mark.parametrize("way", ["abort", "hang"])
def test_a_case_that_ends_its_process_is_shrunk_to_the_smallest_that_does(
    way: str, workers: engine.Engine
) -> None:
    candidate = Isolated(Fatal(way, 99, 1.0), workers.alone, Limits(seconds=0.2))
    assert judge(START, candidate).reason.startswith("reference: computed; candidate: WorkerError: ")
    shrinker = Shrinker(candidate)
    last = shrinker.run(shrinker.start(START)[0])
    assert (last.failure.verdict, last.failure.side) == (Verdict.ERROR, "candidate")
    assert [array.size for array in last.case.leaves.values()] == [1]
    assert len(last.case.architecture.nodes) == 1


def fatal(x: Any) -> Any:
    """As one of torch's functions: the recorder sees it."""
    if has_torch_function((x,)):
        return handle_torch_function(fatal, (x,), x)
    os.abort()


def doubled_and_fatal(x: Any) -> Any:
    return fatal(torch.mul(x, 2))


def fatal_backward(x: Any) -> Any:
    y = torch.exp(x)
    y.register_hook(lambda y_bar: os.abort())
    return y


@pytest.mark.parametrize(
    ("function", "last"),
    [
        (doubled_and_fatal, "torch.fatal(y1)"),
        (
            fatal_backward,
            "(got,) = torch.autograd.grad([y1], [x], [torch.tensor([1.0], dtype=torch.float64)])",
        ),
    ],
)
def test_the_script_of_a_case_that_ends_its_process_ends_with_the_call_that_does(
    function: Any, last: str, workers: engine.Engine
) -> None:
    """What is expected is printed before it."""
    candidate = Isolated(TorchAutograd({"exp": function}), workers.alone, NONE)
    small = case("float64", {"x": [0.5]}, {"y": node("exp", "x")}, {"y": [1.0]})
    said = judge(small, candidate)
    assert said.reason == "reference: computed; candidate: WorkerError: killed its worker (SIGABRT)"
    *_, torch_line, expected, certified, end = script_of(small, said, candidate).splitlines()
    assert end == last
    assert [line.split('"')[1].split()[0] for line in (torch_line, expected, certified)] == [
        "torch", "expected", "certified",
    ]  # fmt: skip


@dataclass(frozen=True)
class FatalOnce:
    """As `torch.exp`, but for the first call, which ends its process."""

    mark: Path

    def __call__(self, x: Any) -> Any:
        if not self.mark.exists():
            self.mark.touch()
            os.abort()
        return torch.exp(x)


def test_the_script_of_a_case_that_is_fatal_once_comes_to_an_end(
    tmp_path: Path, workers: engine.Engine
) -> None:
    """A clock that ran out, or memory that another process had: the second time it holds all calls."""
    candidate = Isolated(TorchAutograd({"exp": FatalOnce(tmp_path / "mark")}), workers.alone, NONE)
    small = case("float64", {"x": [0.5]}, {"y": node("exp", "x")}, {"y": [1.0]})
    text = script_of(small, judge(small, TORCH), candidate)
    assert text.count("torch.exp(x)") == 1


# --- the commands ---


def with_candidate(monkeypatch: pytest.MonkeyPatch, candidate: Any) -> None:
    monkeypatch.setattr(cases, "default_candidate", lambda: candidate)


def test_the_command_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_candidate(monkeypatch, Fatal())
    start, out = tmp_path / "start.json", tmp_path / "out"
    start.write_text(dumps(START))
    assert cli.main(["shrink", str(start), "--out", str(out)]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("fatal ended its process in ")
    assert last.endswith(" trials, and nothing else: killed its worker (SIGABRT)")
    assert [array.size for array in read(out / "case.json").leaves.values()] == [3]
    with_candidate(monkeypatch, Fatal("hang", 99))
    assert cli.main(["replay", str(start), "--case-timeout", "0.2"]) == 1
    assert "hung: no verdict within the time for a case (SIGALRM)" in capsys.readouterr().out


def test_a_campaign_keeps_what_it_found_when_its_shrinking_is_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with_candidate(monkeypatch, Fatal(entries=2))
    plan = [
        "--seed",
        "5",
        "--ops",
        "tanh,relu",
        "--cases",
        "3",
        "--dtype",
        "float64",
        "--profile",
        "median-small",
    ]
    with monkeypatch.context() as patch:  # the campaign here, what shrinks there
        patch.setattr(verify, "_engine", lambda *_: nullcontext(engine.here()))
        assert cli.main(["verify", *plan, "--jobs", "1"]) == 1
    out, err = capsys.readouterr()
    assert "FAIL: exit code 1" in out
    assert " trials, and nothing else: killed its worker (SIGABRT)" in err.splitlines()[-1]
    found = oracle.load_report("reports/latest").report["findings"]
    assert found
    assert all(Path("reports/latest", fault["file"]).is_file() for fault in found)


def test_where_no_process_can_be_had_the_campaign_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def none(_: int) -> Any:
        raise EngineError("no worker can be started: it is full")

    plan = ["--ops", "relu", "--cases", "3", "--dtype", "float64", "--jobs", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(verify, "_engine", lambda *_: nullcontext(engine.here()))
        patch.setattr(engine, "processes", none)
        assert cli.main(["verify", *plan]) == 3
    told = capsys.readouterr().err.splitlines()[-1]
    assert "no worker can be started: it is full; after 3 of 3 cases, which are kept; go on with: " in told
    assert Path("reports/latest/parts").is_dir()
