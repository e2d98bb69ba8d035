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
        (["attribute approximate", "holds", 5], False),
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
        (["at output - 1", "==", 0], True),
        (["gives", "==", "2 * cotangent"], True),
        (["gives", "==", "2.000001 * cotangent"], False),
        (["gives", "==", "-2 * cotangent"], False),
        (["gives", "in", ["nan", "(output + exp) * cotangent", "(1 + sqrt(output)) * cotangent"]], True),
        (["gives", "==", "2 * mean(cotangent)"], False),
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
    assert not read_back.holds(Exhibit(start, told, TORCH)), "nothing is off"


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        ("cotangent * (x - target) / maximum(x * (1 - x), 9.999999960041972e-13)", True),
        ("cotangent * (x - target) / maximum(x * (1 - x), 1e-12)", False),
        ("cotangent * (target - x) / maximum(x * (1 - x), 9.999999960041972e-13)", False),
    ],
)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_the_cotangent_of_a_loss_is_spread_over_its_entries(
    formula: str, holds: bool, reduction: str
) -> None:
    told = Failure(Verdict.CANDIDATE_WRONG, "bce", "gradient x", "candidate")
    leaves = {"x": [0.0, 1.0, 0.3], "target": [0.7, 0.3, 0.1]}
    y_bar = [0.7, 1.1, -0.3] if reduction == "none" else 0.7
    shown = Exhibit(
        case("float64", leaves, {"y": node("bce", "x", "target", reduction=reduction)}, {"y": y_bar}),
        told,
        TORCH,
    )
    assert Condition("gives", "==", formula).holds(shown) is holds


def test_in_a_network_small_entries_are_off_by_their_own_rounding_and_not_by_that_of_large_ones() -> None:
    """The gradient that rms_norm loses is 1e-111, beside one near 1, and is multiplied by 1e111."""
    nodes = {"e": node("exp", "x"), "y": node("rms_norm", "e", normalized_shape=(1,), eps=0.5)}
    start = case("float64", {"x": [[256.0], [0.5]]}, nodes, {"y": [[1.0], [1.0]]})
    told = Failure(Verdict.CANDIDATE_WRONG, "rms_norm", "gradient", "candidate")
    (alone,) = Exhibit(start, told, TORCH).focused
    assert alone.deviation is not None
    assert alone.deviation.off.tolist() == [[True], [False]]
    assert alone.deviation.gives("cotangent / sqrt(mean(x * x) + eps)")
    assert not alone.deviation.gives("1.001 * cotangent / sqrt(mean(x * x) + eps)")


def test_an_entry_that_is_not_finite_says_nothing_of_the_others() -> None:
    told = Failure(Verdict.CANDIDATE_WRONG, "log", "gradient x", "candidate")
    start = case("float64", {"x": [0.0, 0.5, 2.0]}, {"y": node("log", "x")}, {"y": [1.0, 1.0, 1.0]})
    candidate = replaced("log", lambda x: torch.log(torch.where(x == 2, x * x, x)))
    deviation = Exhibit(start, told, candidate).deviation
    assert deviation is not None
    assert deviation.off.tolist() == [False, False, True]


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
        [["at z z", ">", 1]], [["gives", "==", 1]], [["gives", "<", "z"]], [["gives", "in", ["z", "z z"]]],
        [["gives", "==", "z()"]], [["gives", "==", "abs(z, z)"]], [["gives", "==", "z.shape"]],
        [["gives", "==", "z if z else z"]], [["gives", "==", "(" * 300]], [["gives", "==", "z" * 300]],
        [["message", "holds", 5]], [["tensor", "in", [{}]]], [["layout z", "!=", 0]], [["gives", "==", []]],
        [["at True", "==", 1]], [["attribute __class__", "==", 1]], [["error", "<=", 10**400]],
        [["at 1e999", "==", 1]],
        [["gives", "==", "'z'"]], [["gives", "==", "z < 1"]], [["gives", "==", "not z"]],
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_and_so_is_the_op_alone(value: Any) -> None:
    with pytest.raises(PredicateError):
        read(value)
