"""Findings: what one covers, what it does not excuse, and when it is stale."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case, dumps
from oracle.commands import options
from oracle.findings.deviation import Exhibit
from oracle.findings.drafts import conditions
from oracle.findings.groups import CASES, Group, Shrunk, examine, grouped
from oracle.findings.predicate import read
from oracle.findings.register import Finding, FindingError, load, parsed, torch_version
from oracle.judge.verdict import Verdict
from oracle.shrink.failure import Failure
from reference.op import op_class
from tests.oracle.faulty import replaced, scaled
from tests.oracle.planted import TORCH, case, node


def gelu(approximate: str, z: Any = 0.5) -> Case:
    y = np.ones_like(np.asarray(z, float))
    return case("float64", {"z": z}, {"y": node("gelu", "z", approximate=approximate)}, {"y": y})


def at(approximate: str) -> TorchAutograd:
    """A fault of gelu that shows for one attribute alone."""
    return scaled("gelu", when=lambda _, attributes: attributes["approximate"] == approximate)


def both() -> TorchAutograd:
    """Two faults of gelu: at tanh, and where it is exact and gets three numbers."""
    return scaled(
        "gelu", when=lambda inputs, attributes: attributes["approximate"] == "tanh" or inputs[0].numel() >= 3
    )


def everywhere() -> TorchAutograd:
    return scaled("gelu")


def finding(candidate: TorchAutograd, start: Case, name: str = "slope-of-gelu") -> Finding:
    """What a case shows, registered."""
    (group,) = grouped(examine([("file", start)], candidate, []))
    told = group.first.failure
    return Finding(
        name, "The slope of gelu", told.op, told.verdict, told.side, conditions(group), group.first.case,
        torch=(torch_version(),),
    )  # fmt: skip


def test_the_default_of_the_command_is_that_of_the_code() -> None:
    assert options.SHRUNK == CASES


# --- the file --------------------------------------------------------------------------------


def test_a_finding_comes_back_as_it_was() -> None:
    it = finding(at("tanh"), gelu("tanh"))
    again = parsed(it.dumps())
    assert again.dumps() == it.dumps()
    assert dumps(again.case) == dumps(it.case)
    assert again.match[:-1] == (
        ("tensor", "==", "gradient z"),
        ("attribute approximate", "==", "tanh"),
        ("gives", "==", "1.001 * expected"),
    )
    assert again.match[-1] == ("error", "<=", 2.0**43)  # 0.001 × 2⁵³, and the next power of two


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "x", "not a finding"),
        ("id", "A Finding", "id consists of"),
        ("id", 3, "are texts"),
        ("verdict", "agree", "verdict"),
        ("verdict", ["x"], "are texts"),
        ("match", [], "the op's name alone excuses nothing"),
        ("match", [["op", "==", "gelu"]], "no subject"),
        ("torch", [], "torch"),
        ("torch", "2.13.0", "torch"),
        ("torch", ["2.13.0\n# x"], "torch"),
        ("torch", ["../x"], "torch"),
        ("title", "a\n# b", "one line"),
        ("issue", "javascript:alert(1)", "issue"),
        ("issue", "https://github.com/x\nb", "issue"),
        ("case", {}, "not a case"),
        ("certificate", [], "certificate"),
        ("certificate", {"truth": "1"}, "certificate"),
        ("certificate", {"node": 5}, "certificate"),
        ("certificate", {"node": {"node": {"x": 1}}}, "certificate"),
        ("more", 1, "and no others"),
    ],
)
def test_a_file_that_is_none_is_refused_with_one_line(key: str, value: Any, message: str) -> None:
    record = json.loads(finding(at("tanh"), gelu("tanh")).dumps())
    record[key] = value
    with pytest.raises(FindingError, match=message) as caught:
        parsed(json.dumps(record))
    assert "\n" not in str(caught.value)


def test_a_file_is_called_like_its_finding(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(finding(at("tanh"), gelu("tanh")).dumps())
    with pytest.raises(FindingError, match="is called other"):
        load(tmp_path)
    with pytest.raises(FindingError, match="nowhere: No such file"):
        load(tmp_path / "nowhere")


# --- what it excuses ---------------------------------------------------------------------------


def test_a_finding_covers_its_fault_in_any_network() -> None:
    it = finding(at("tanh"), gelu("tanh"))
    start = case(
        "float64",
        {"x": [[0.3, -0.7]], "w": [[0.5, 1.5]]},
        {"a": node("multiply", "x", "w"), "b": node("gelu", "a", approximate="tanh"), "c": node("sum", "b")},
        {"c": 1.25},
    )
    (shrunk,) = examine([("file", start)], at("tanh"), [it])
    assert shrunk.finding is it


def test_registering_one_fault_of_an_op_does_not_excuse_another() -> None:
    it = finding(at("tanh"), gelu("tanh"))
    (shrunk,) = examine([("file", gelu("none", [0.5, 0.25, 1.0]))], both(), [it])
    assert shrunk.finding is None


def test_a_draft_does_not_excuse_a_larger_fault_of_an_op_without_attributes() -> None:
    nodes = {"a": node("tanh", "x"), "b": node("exp", "a")}
    start = case("float64", {"x": [-1.5, 0.25, 1.25]}, nodes, {"b": [0.75] * 3})
    draft = finding(scaled("tanh"), start)
    for factor, known in ((1.001, draft), (-1.0, None)):
        (shrunk,) = examine([("file", start)], scaled("tanh", factor=factor), [draft])
        assert shrunk.finding is known


def test_a_new_fault_does_not_slide_into_a_known_one_while_it_is_shrunk() -> None:
    """At tanh it is new; shrunk, the attribute is at its default, where it is known."""
    it = finding(at("none"), gelu("none"))
    (shrunk,) = examine([("file", gelu("tanh"))], everywhere(), [it])
    assert it.covers(Exhibit(shrunk.case, shrunk.failure, everywhere()))
    assert shrunk.finding is None


@pytest.mark.parametrize("match", [["error", "<=", 2.0**44], ["slope", "==", 1.001], ["at z", "==", 0]])
def test_a_fault_that_is_elsewhere_or_larger_does_not_slide_into_a_known_one(match: list[Any]) -> None:
    """Shrunk, both are the slope at 0: known is 1.001, and where z < -1 another one is."""
    known = replace(finding(scaled("tanh"), tanh([0.0])), match=read([match]))
    (shrunk,) = examine([("file", tanh([0.0, 0.5 * (match[0] == "error")]))], scaled("tanh"), [known])
    assert shrunk.finding is known
    far = replaced("tanh", lambda z: torch.tanh(_scaled(z, torch.where(z < -1, -torch.ones_like(z), 1.001))))
    (shrunk,) = examine([("file", tanh([0.0, -1.5]))], far, [known])
    assert known.covers(Exhibit(shrunk.case, shrunk.failure, far))
    assert shrunk.finding is None


def test_a_known_fault_that_would_slide_into_another_one_of_its_op_is_recognized() -> None:
    """The slope at NaN is 0; with simpler attributes it is the identity that has the slope 0, at 0."""
    z = [2.0] + [np.nan] * 8  # more than what a kink explains
    shrink = case("float64", {"z": z}, {"y": node("softshrink", "z", lambd=1.2)}, {"y": [1.0] * 9})
    register = [each for each in load() if each.op == "softshrink"]
    (shrunk,) = examine([("file", shrink)], TORCH, register)
    assert shrunk.finding
    assert shrunk.finding.id == "softshrink-nan"
    (alone,) = examine([("file", shrink)], TORCH, [each for each in register if each.id != "softshrink-nan"])
    assert alone.finding is None


@pytest.mark.parametrize("new", ["a", "b"])
def test_what_is_known_at_one_node_does_not_excuse_what_is_new_at_another_of_its_op(new: str) -> None:
    def wrong(z: Any) -> Any:
        return torch.tanh(_scaled(z, torch.where(z < -1, -torch.ones_like(z), 1.001)))

    leaves = {name: [-1.5 if name == new else 0.0] for name in ("a", "b")}
    nodes = {"c": node("tanh", "a"), "d": node("tanh", "b"), "y": node("add", "c", "d")}
    known = replace(finding(scaled("tanh"), tanh([0.0])), match=read([["slope", "==", 1.001]]))
    (shrunk,) = examine(
        [("file", case("float64", leaves, nodes, {"y": [1.0]}))], replaced("tanh", wrong), [known]
    )
    assert shrunk.finding is None


def tanh(z: list[float], *y_bar: float) -> Case:
    return case("float64", {"z": z}, {"y": node("tanh", "z")}, {"y": y_bar or [1.0] * len(z)})


def _scaled(z: Any, factor: Any) -> Any:
    same = z.view_as(z)
    same.register_hook(lambda z_bar: z_bar * factor)
    return same


def test_a_case_that_shows_a_finding_and_something_new_is_not_excused() -> None:
    """At another node, and in another tensor of the same node."""
    two = case(
        "float64",
        {"x": [0.3, -0.7]},
        {"a": node("gelu", "x", approximate="tanh"), "b": node("gelu", "a")},
        {"b": [1.25, 0.5]},
    )
    (shrunk,) = examine([("file", two)], everywhere(), [finding(at("tanh"), gelu("tanh"))])
    assert (shrunk.finding, shrunk.case.architecture.nodes["y"].op) == (None, op_class("gelu")())
    product = case("float64", {"a": [0.3], "b": [0.7]}, {"y": node("multiply", "a", "b")}, {"y": [1.0]})
    known = finding(scaled("multiply", 0), product)
    assert [each.finding for each in examine([("file", product)], scaled("multiply", 0), [known])] == [known]
    (shrunk,) = examine([("file", product)], scaled("multiply"), [known])
    assert (shrunk.finding, shrunk.failure.tensor) == (None, "gradient b")


def test_a_case_that_does_not_fail_when_it_is_drawn_again_excuses_nothing() -> None:
    assert list(examine([("file", gelu("tanh"))], TORCH, [])) == []


# --- groups --------------------------------------------------------------------------------------


def shown_by(candidate: TorchAutograd, starts: list[Case]) -> list[Group]:
    return grouped(examine([(f"float64/{k}", start) for k, start in enumerate(starts)], candidate, []))


def linear(bias: bool, seed: float) -> Case:
    x = [[seed, -0.7, 1.1], [0.9, 0.4, -0.2]]
    leaves = {"x": x, "weight": [[0.1, 0.2, seed]]} | ({"bias": [0.5]} if bias else {})
    return case("float64", leaves, {"y": node("linear", *leaves)}, {"y": [[1.0], [seed]]})


def test_one_fault_makes_one_group_whatever_tensor_it_shows_in() -> None:
    starts = [linear(bias, seed) for bias in (False, True) for seed in (0.3, 0.8)]
    starts += [linear(True, 0.5).astype("float32")]
    (group,) = shown_by(scaled("linear"), starts)
    assert len(group.members) == 5
    tensor, gives, error = conditions(group)
    assert gives == ("gives", "==", "1.001 * expected")
    assert error.subject == "error"
    assert error.value / 2 < max(each.error for each in group.members) <= error.value
    assert tensor == ("tensor", "in", ["gradient bias", "gradient weight", "gradient x"])


def test_faults_of_one_op_make_a_group_each() -> None:
    starts = [gelu("tanh", 0.5), gelu("none", [0.25] * 3), gelu("tanh", [0.75] * 4), gelu("none", [1.0] * 5)]
    assert [[each.case_id for each in group.members] for group in shown_by(both(), starts)] == [
        ["float64/0", "float64/2"],
        ["float64/1", "float64/3"],
    ]


def two_of_tanh() -> TorchAutograd:
    """A negative cotangent changes its sign; of two entries or more the others are a little too large."""

    def wrong(y_bar: Any) -> Any:
        return torch.where(y_bar < 0, -y_bar, y_bar * (1.001 if y_bar.numel() > 1 else 1))

    def function(z: Any) -> Any:
        y = torch.tanh(z)
        y.register_hook(wrong)
        return y

    return replaced("tanh", function)


SMALL_ERROR = [tanh([0.5, -0.25]), tanh([0.75, 1.5, -0.5])]
OTHER_SIGN = [tanh([0.25], -1.5), tanh([1.25], -0.75)]
MIXED = tanh([0.5, 0.25, 0.75], 1.0, -1.0, 1.0)


def test_faults_that_give_other_numbers_in_alike_cases_make_a_group_each() -> None:
    small, sign = SMALL_ERROR, OTHER_SIGN
    found = shown_by(two_of_tanh(), [small[0], sign[0], small[1], sign[1]])
    assert [[each.case_id for each in group.members] for group in found] == [
        ["float64/0", "float64/2"],
        ["float64/1", "float64/3"],
    ]


@pytest.mark.parametrize(("known", "new"), [(SMALL_ERROR, OTHER_SIGN), (OTHER_SIGN, SMALL_ERROR)])
def test_registering_one_of_two_faults_that_shrink_alike_does_not_excuse_the_other(
    known: list[Case], new: list[Case]
) -> None:
    draft = finding(two_of_tanh(), known[0])
    found = [each.finding for each in examine([("x", start) for start in known], two_of_tanh(), [draft])]
    assert found == [draft, draft]
    found = [each.finding for each in examine([("x", start) for start in new], two_of_tanh(), [draft])]
    assert found == [None, None]
    (shrunk,) = examine([("x", MIXED)], two_of_tanh(), [draft])
    assert shrunk.finding is None


def test_tensors_that_do_not_fail_together_are_faults_of_their_own() -> None:
    def shrunk(tensor: str, failing: set[str], agreeing: set[str], way: str = "") -> Shrunk:
        told = Failure(Verdict.CANDIDATE_WRONG, "multiply", tensor, "candidate")
        product = case("float64", {"a": 1, "b": 1}, {"y": node("multiply", "a", "b")}, {"y": 1.0})
        return Shrunk("x", product, told, None, frozenset(failing), frozenset(agreeing), way=way)

    a, b = "gradient a", "gradient b"
    assert len(grouped([shrunk(a, {a, b}, set()), shrunk(b, {b}, set())])) == 1
    assert len(grouped([shrunk(a, {a}, set()), shrunk(b, {b}, set())])) == 2
    assert len(grouped([shrunk(a, {a, b}, set()), shrunk(b, {b}, {a})])) == 2
    one, two = shrunk(a, {a, b}, set(), "-1"), shrunk(b, {a, b}, set(), "2")
    assert len(grouped([one, two])) == 1
    assert len(grouped([one, two, shrunk(a, {a, b}, set(), "2")])) == 2
