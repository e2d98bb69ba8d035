"""Hiding places: a fault that moves every case into a class that does not fail is caught by the gate.

Both sides have to play along: what one of them does alone is a disagreement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from oracle.campaign import cases as campaign
from oracle.campaign.gate import exit_code, gate
from oracle.campaign.outcome import Outcome, collect
from oracle.campaign.plan import Plan
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.faults.fault import exchanged
from oracle.judge.verdict import Verdict
from reference.op import op_class

OP = "tanh"
PLAN = Plan(seed=13, cases=40, dtypes=("float64",), profile="median-small", ops=(OP,), certify=0.0)


def campaign_with(
    forward: Callable[..., Any], vjp: Callable[..., Any], candidate: Callable[..., Any], certify: float = 0.0
) -> Outcome:
    """A campaign in which the op is another one on both sides."""
    with exchanged(op_class(OP), forward=forward, vjp=vjp):
        return collect(replace(PLAN, certify=certify), candidate=TorchAutograd({OP: candidate}))


def spoilt(reference: Callable[[Any], Any], candidate: Callable[[Any], Any], certify: float = 0.0) -> Outcome:
    """A campaign in which the op's gradient is another one on both sides."""
    cls = op_class(OP)
    forward, vjp = cls.forward, cls.vjp

    def wrong(op: Any, residuals: Any, *cotangents: Any) -> Any:
        return tuple(reference(x_bar) for x_bar in vjp(op, residuals, *cotangents))

    def function(z: Any) -> Any:
        if z.requires_grad:
            z = z.view_as(z)
            z.register_hook(candidate)
        return torch.tanh(z)

    return campaign_with(forward, wrong, function, certify)


def test_nothing_hides_where_nothing_is_planted() -> None:
    clean = collect(PLAN)
    assert exit_code(gate(clean)) == 0
    assert clean.coverage.decisive[OP] >= 20


def hides(found: Outcome) -> bool:
    """Whether no case fails, and the floor of the op alone says that something is amiss."""
    failing = sum(count for verdict, count in found.counts.items() if verdict.fails)
    failures = gate(found)
    return not failing and [each.subject for each in failures] == [OP] and exit_code(failures) == 4


def test_a_gradient_that_is_zero_on_both_sides_is_vacuous_and_falls_below_the_floor() -> None:
    """Also beside other paths, where the leaf's gradient goes on to agree: it is no evidence for the op."""
    found = spoilt(np.zeros_like, torch.zeros_like)
    assert found.counts[Verdict.VACUOUS] >= 20
    assert hides(found)
    certified = spoilt(np.zeros_like, torch.zeros_like, certify=0.2)
    assert certified.counts[Verdict.REFERENCE_WRONG] >= 4
    assert exit_code(gate(certified)) == 1


def test_a_gradient_that_is_a_rounding_error_on_both_sides_falls_below_the_floor() -> None:
    """Sides that agree on noise agree on nothing: what would have forgiven a per cent is no evidence."""

    def noise(x_bar: Any) -> Any:
        return (x_bar + 1e17) - 1e17

    def drowned(x_bar: Any) -> Any:
        return x_bar + (x_bar / 3 * 3 - x_bar) * 1e20

    for drown in (noise, drowned):
        assert hides(spoilt(drown, drown))


def test_nan_in_the_gradient_of_one_op_is_an_error_where_the_reference_is_finite() -> None:
    found = spoilt(lambda x_bar: x_bar, lambda x_bar: x_bar * torch.nan)
    assert found.counts[Verdict.ERROR] >= 20
    assert exit_code(gate(found)) == 1


def test_a_zero_in_the_gradient_of_one_op_is_no_vacuous_agreement_where_one_side_alone_says_it() -> None:
    for sides in ((np.zeros_like, lambda x_bar: x_bar), (lambda x_bar: x_bar, torch.zeros_like)):
        assert exit_code(gate(spoilt(*sides))) == 1


def test_a_gradient_that_is_nan_on_both_sides_is_undecided_and_falls_below_the_floor() -> None:
    found = spoilt(lambda x_bar: x_bar * np.nan, lambda x_bar: x_bar * torch.nan)
    assert found.counts[Verdict.UNDECIDED] >= 20
    assert [failure.subject for failure in gate(found)] == [OP]
    assert exit_code(gate(found)) == 4


def test_sides_that_always_take_different_branches_are_kinks_and_fall_below_the_floor() -> None:
    """A decision that nothing but rounding takes, and that the candidate takes the other way."""
    cls = op_class(OP)
    forward, vjp = cls.forward, cls.vjp

    def rounding(z: Any) -> Any:
        return np.sum(z / 3) - np.sum(z) / 3 > 0

    def branching(op: Any, z: Any) -> Any:
        (a,), residuals = forward(op, z)
        factor = np.where(rounding(z), 1, 2 + np.zeros_like(a, shape=()))
        return (a * factor,), (residuals, factor)

    def branching_vjp(op: Any, saved: Any, a_bar: Any) -> Any:
        residuals, factor = saved
        return vjp(op, residuals, a_bar * factor)

    def other_way(z: Any) -> Any:
        return torch.tanh(z) * (2 if rounding(z.detach().numpy()) else 1)

    found = campaign_with(branching, branching_vjp, other_way)
    assert found.counts[Verdict.KINK] >= 30
    assert [failure.subject for failure in gate(found)] == [OP]
    assert exit_code(gate(found)) == 4


@pytest.mark.parametrize("step", ["draw_case", "judging"])
def test_a_case_that_cannot_be_drawn_or_judged_is_counted_and_a_matter_of_infrastructure(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def discards(*arguments: Any, **options: Any) -> Any:
        raise ValueError("none fits")

    monkeypatch.setattr(campaign, step, discards)
    found = collect(PLAN)
    assert (found.poisoned, found.compared) == (PLAN.cases, 0)
    assert exit_code(gate(found)) == 3
