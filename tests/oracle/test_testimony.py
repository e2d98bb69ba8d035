"""What the forward pass says of the gradients: refuted is what a wrong rule gave, and nothing beside it."""

from __future__ import annotations

from typing import Any

import pytest

from oracle.faults.fault import exchanged
from oracle.judge import testimony as judged
from oracle.judge.testimony import hear
from oracle.numbers.balls_truth import certified
from reference.op import op_class
from tests.oracle.planted import case, node

CASE = case(
    "float64",
    {"a": [0.3, -1.7, 0.9], "b": [1.1, 0.2, -0.6], "c": [0.7, 0.4, 0.8]},
    {"p": node("multiply", "a", "b"), "y": node("add", "p", "c")},
    {"y": [1.25, 0.7, -0.4]},
)


def heard() -> judged.Testimony:
    proof = certified(CASE.architecture, CASE.leaves, CASE.cotangents, CASE.dtype, {})
    return hear(CASE, proof.gradients)


def test_right_rules_are_borne_out() -> None:
    said = heard()
    assert said.agrees
    assert not said.refuted
    assert "the enclosures agree" in said.told


@pytest.mark.parametrize("spoilt", [(0,), (1,), (0, 1)])
def test_the_leaves_whose_rule_is_wrong_are_refuted_and_no_others(spoilt: tuple[int, ...]) -> None:
    cls = op_class("multiply")
    right = cls.vjp

    def wrong(op: Any, residuals: Any, y_bar: Any) -> Any:
        shares = right(op, residuals, y_bar)
        return tuple(share + share if place in spoilt else share for place, share in enumerate(shares))

    with exchanged(cls, vjp=wrong):
        said = heard()
    assert set(said.refuted) == {"ab"[place] for place in spoilt}
    assert not said.agrees
    assert said.told in said.refuted.values()
    assert "disjoint" in said.told


def test_a_gradient_that_is_not_the_sum_of_its_shares_is_refuted() -> None:
    proof = certified(CASE.architecture, CASE.leaves, CASE.cotangents, CASE.dtype, {})
    said = hear(CASE, {**proof.gradients, "c": proof.gradients["a"]})
    assert set(said.refuted) == {"c"}
    assert not said.agrees
