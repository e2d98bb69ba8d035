"""The script of a case: short, with torch alone, and it shows what the judge found."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import dumps, loads
from oracle.judge.judge import judge
from oracle.shrink.script import LINES, script
from tests.oracle.faulty import failing, replaced
from tests.oracle.planted import case, node
from tests.oracle.test_shrink import PLANTED, found, laid_out, shrunk


def printed(source: str) -> dict[str, str]:
    """Run a script; what it prints, by the word in front."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, "torch_script.py", "exec"), {"__name__": "__main__"})
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in out.getvalue().splitlines()}


def wrong_gelu() -> TorchAutograd:
    """A fault that torch's own functions show, so that a script shows it, too."""
    return replaced("gelu", lambda z, approximate: F.gelu(z))


def test_a_script_shows_what_torch_gives_what_is_right_and_the_certified_digits() -> None:
    start, _ = failing(wrong_gelu(), "gelu")
    state = shrunk(wrong_gelu(), start)
    said = judge(state.case, wrong_gelu(), sample=True)
    text = script(state.case, said, wrong_gelu())
    shown = printed(text)
    assert "oracle" not in text
    assert len(text.splitlines()) <= LINES
    assert float(shown["got"]) != pytest.approx(float(shown["expected"]), rel=1e-6)
    assert said.certificate["truth"] in shown["certified"]
    assert shown["expected"] == said.certificate["reference"]
    assert shown["got"] == said.certificate["candidate"]


@pytest.mark.parametrize("fault", PLANTED)
def test_every_script_runs_and_is_short(fault: str) -> None:
    candidate, _, state = found(fault)
    small = state.case
    text = script(small, judge(small, candidate, sample=True))
    assert len(text.splitlines()) <= LINES
    assert {"torch", "got", "expected", "certified"} <= printed(text).keys()


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "strided", "offset"])
def test_a_script_has_the_layout_of_the_case(layout: str) -> None:
    seen = []
    candidate = replaced("exp", lambda x: (seen.append((x.stride(), x.storage_offset())), torch.exp(x))[1])
    start = laid_out(layout)
    text = script(start, judge(start, candidate))
    line = next(line for line in text.splitlines() if line.startswith("x = "))
    made: dict[str, Any] = {"torch": torch}
    exec(line, made)
    assert made["x"].stride() == seen[0][0]
    assert (made["x"].data_ptr() % 16 != 0) == (layout == "offset")
    assert made["x"].tolist() == start.leaves["x"].tolist()


@pytest.mark.parametrize(
    ("one", "two"),
    [("y1", "leaf_y1"), ("torch", "print"), ("got", "nan"), ("lambda", "None"), ("__name__", "slice")],
)
def test_a_script_runs_whatever_its_leaves_are_called(one: str, two: str) -> None:
    """In a file that somebody wrote; `canonical` gives names of its own."""
    start = case(
        "float64",
        {one: [0.5, 0.25], two: [2.0, -0.5]},
        {
            "a": node("multiply", one, two),
            "b": node("add", "a", one),
            "c": node("slice", "b", dim=0, start=1),
        },
        {"c": [1.0]},
    )
    wrong = replaced("multiply", lambda a, b: a.detach() * b)
    start = loads(dumps(start))
    said = judge(start, wrong)
    assert said.verdict.fails
    shown = printed(script(start, said, wrong))
    assert (shown["got"], shown["expected"]) == ("[0.0, 1.0]", "[0.0, 0.5]")


def test_a_script_of_a_call_that_raises_ends_with_what_torch_says() -> None:
    start = laid_out("contiguous")
    candidate = replaced("exp", lambda x: torch.reshape(x, (7,)))
    text = script(start, judge(start, candidate), candidate)
    with pytest.raises(RuntimeError, match="invalid for input of size 6"):
        printed(text)


def test_a_script_of_a_backward_pass_that_raises_ends_with_it() -> None:
    def refuse(y_bar: Any) -> Any:
        raise RuntimeError("no such kernel")

    def exp(x: Any) -> Any:
        y = torch.exp(x)
        y.register_hook(refuse)
        return y

    start = laid_out("contiguous")
    candidate = replaced("exp", exp)
    *_, told, end = script(start, judge(start, candidate), candidate).splitlines()
    assert told.startswith(
        'print("certified", "nothing: reference: computed; candidate: RuntimeError: no such'
    )
    assert end.startswith("(got,) = torch.autograd.grad([y1], [x], [torch.tensor(")


def test_a_case_file_of_a_shrunk_case_gives_the_same_numbers() -> None:
    candidate, _, state = found("every gradient")
    small = state.case
    again = loads(json.dumps(json.loads(dumps(small))))
    one, two = judge(small, candidate, sample=True), judge(again, candidate, sample=True)
    assert (one.verdict, one.reason, one.certificate) == (two.verdict, two.reason, two.certificate)
    assert [(t.error_ulp, t.detection_limit) for t in one.tensors] == [
        (t.error_ulp, t.detection_limit) for t in two.tensors
    ]
