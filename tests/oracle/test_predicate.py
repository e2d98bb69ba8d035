"""Conditions on findings: each speaks of the shrunk case, or of what is off in it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from oracle.findings.deviation import Exhibit
from oracle.findings.predicate import Condition, PredicateError, read
from oracle.judge.verdict import Verdict
from oracle.shrink.failure import Failure
from tests.oracle.faulty import replaced
from tests.oracle.planted import TORCH, case, node
from tests.oracle.test_findings import gelu

SLOPE = Failure(Verdict.CANDIDATE_WRONG, "gelu", "gradient z", "candidate")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (["attribute approximate", "==", "tanh"], True),
        (["attribute approximate", "!=", "tanh"], False),
        (["attribute approximate", "in", ["none", "tanh"]], True),
        (["attribute nothing", "==", "tanh"], False),
        (["tensor", "==", "gradient z"], True),
        (["tensor", "in", ["output 0"]], False),
        (["values z", "holds", 0], True),
        (["values z", "holds", "nan"], False),
        (["values z", "==", 0], False),
        (["values z", ">=", 0], True),
        (["values z", "<", 2], True),
        (["values z", "<", 1.5], False),
        (["values w", "<", 2], False),
        (["size z", ">=", 3], True),
        (["size z", "<", 3], False),
        (["size w", ">=", 0], False),
        (["layout z", "==", "contiguous"], True),
        (["layout w", "!=", "contiguous"], False),
        (["dtype", "==", "float64"], True),
        (["ops", "==", ["gelu"]], True),
        (["ops", "holds", "relu"], False),
        (["message", "holds", "kernel"], False),
    ],
)
def test_a_condition_speaks_of_the_shrunk_case(condition: list[Any], holds: bool) -> None:
    (read_back,) = read([condition])
    assert read_back.holds(Exhibit(gelu("tanh", [0.0, 0.25, 1.5]), SLOPE, TORCH)) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (["error", "<=", 2.0**53], True),  # times the unit roundoff is 1, and the slope is off by 1
        (["error", "<", 2.0**53], False),
        (["slope", "==", 2], True),
        (["slope", "==", 1], False),
        (["slope", "in", [1, 2]], True),
        (["at x", "==", 0], True),
        (["at x", "<", 0], False),
        (["at y", "==", 0], False),
    ],
)
def test_a_condition_speaks_of_what_is_off(condition: list[Any], holds: bool) -> None:
    """Where x is 0, the slope of the candidate is 2 and not 1."""
    told = Failure(Verdict.CANDIDATE_WRONG, "exp", "gradient x", "candidate")
    start = case("float64", {"x": [0.0, 0.5, 0.0]}, {"y": node("exp", "x")}, {"y": [0.5, -1.0, 1.0]})
    candidate = replaced("exp", lambda x: torch.exp(torch.where(x == 0, 2 * x, x)))
    (read_back,) = read([condition])
    assert read_back.lasts
    assert read_back.holds(Exhibit(start, told, candidate)) is holds
    two = case("float64", {"x": 0.0}, {"y": node("exp", "x"), "z": node("exp", "y")}, {"z": 1.0})
    assert not read_back.holds(Exhibit(two, told, candidate))
    raises = replaced("exp", lambda x: x.reshape(7))
    assert not read_back.holds(Exhibit(start, told, raises))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_numbers_that_are_none_can_be_asked_for(value: str) -> None:
    shown = Exhibit(gelu("none", [0.0, float(value)]), SLOPE, TORCH)
    assert Condition("values z", "holds", value).holds(shown)
    assert not Condition("values z", "==", value).holds(shown)


@pytest.mark.parametrize(
    "value",
    [
        None, [], {}, "op", [["op", "==", "gelu"]], [["attribute", "==", 1]], [["values", "holds", 1]],
        [["tensor x", "==", "y"]], [["tensor", "~", "y"]], [["tensor", "in", "y"]], [["size z", "<", "3"]],
        [["size z", "<", True]], [["tensor", "=="]], [[1, "==", 2]], ["tensor"], [["slope", "<", 1]],
        [["slope", "==", "1"]], [["values z", "holds", "abc"]], [["values z", "==", None]],
        [["values z", "holds", [0, {}]]], [["at z", "==", True]], [["at z", "in", []]],
        [["values z", "==", 10**400]], [["slope", "==", 10**400]],
        [["slope z", "==", 1]], [["error", "<=", "4"]], [["at", ">", 1]],
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_and_so_is_the_op_alone(value: Any) -> None:
    with pytest.raises(PredicateError):
        read(value)
