"""What a gradient bears witness to: nodes without which it would be zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from oracle.campaign.evidence import decisive, inevitable
from oracle.faults.fault import exchanged
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.verdict import CaseVerdict, TensorVerdict, Verdict
from reference.architecture import Architecture, Leaf
from reference.backprop import gradients
from tests.oracle.planted import node


def network() -> Architecture:
    """x goes through exp alone, then either through tanh or past it; w through the sum alone."""
    return Architecture(
        {"x": Leaf("input", (2,)), "w": Leaf("parameter", (2,))},
        {
            "e": node("exp", "x"),
            "t": node("tanh", "e"),
            "p": node("multiply", "e", "w"),
            "y": node("add", "t", "p"),
        },
        ("y",),
    )


def said(*tensors: TensorVerdict, **about: Any) -> CaseVerdict:
    return CaseVerdict(
        **{"case_id": "", "verdict": Verdict.AGREE, "op": "", "step": "", **about, "tensors": tensors}
    )


def gradient(name: str, verdict: Verdict = Verdict.AGREE, limit: float = float("nan")) -> TensorVerdict:
    return TensorVerdict(name, "gradient", "", 2, verdict, "screen", detection_limit=limit)


def test_a_gradient_is_evidence_for_what_all_of_its_paths_lead_through() -> None:
    assert inevitable(network())["x"] == {"e", "y"}
    assert inevitable(network())["w"] == {"p", "y"}
    assert decisive(network(), said(gradient("x"))) == {"exp": 1, "add": 1}
    assert decisive(network(), said(gradient("x"), gradient("w"))) == {"exp": 1, "multiply": 1, "add": 2}


@pytest.mark.parametrize(
    "nothing",
    [
        gradient("x", Verdict.VACUOUS),
        gradient("x", Verdict.UNDECIDED),
        gradient("x", Verdict.CANDIDATE_WRONG),
        gradient("x", limit=0.02),
        TensorVerdict("y", "output", "add", 2, Verdict.AGREE, "screen"),
    ],
)
def test_what_does_not_agree_or_forgives_a_per_cent_or_is_an_output_is_no_evidence(
    nothing: TensorVerdict,
) -> None:
    assert not decisive(network(), said(nothing))


def test_a_node_that_failed_by_itself_was_compared_and_no_other_was() -> None:
    def failed(op: str, node: str) -> CaseVerdict:
        wrong = Verdict.CANDIDATE_WRONG
        return said(gradient("x", wrong), gradient("w"), verdict=wrong, op=op, node=node)

    passed = {"multiply": 1, "add": 1}  # what w is evidence for
    assert decisive(network(), failed("tanh", "t")) == {"tanh": 1, **passed}
    assert decisive(network(), failed("exp", "e")) == {"exp": 2, **passed}
    assert decisive(network(), failed("exp", "")) == passed  # nobody was compared alone


def test_inevitable_nodes_are_those_on_every_path_of_drawn_networks() -> None:
    """Paths written out one by one."""
    profile = load_profile("default")
    for index in range(60):
        architecture = draw_case(3, "float64", index, profile).architecture
        for wire, found in inevitable(architecture).items():
            every = [set(path) for path in paths(architecture, wire)]
            assert found == set.intersection(*every), (index, wire)


def paths(architecture: Architecture, wire: str) -> Iterator[list[str]]:
    """Nodes on the way from a wire to an output, for every way."""
    if wire in architecture.outputs:
        yield []
    for name, user in architecture.nodes.items():
        if wire in user.inputs:
            for further in architecture.wires[name]:
                if further in architecture.connected:
                    yield from ([name, *path] for path in paths(architecture, further))


def test_a_gradient_vanishes_with_the_rule_of_any_node_that_it_is_evidence_for() -> None:
    profile = load_profile("median-small")
    seen = 0
    for index in range(30):
        case = draw_case(4, "float64", index, profile)
        ahead = inevitable(case.architecture)
        for name in case.architecture.nodes:
            cls = type(case.architecture.nodes[name].op)
            with exchanged(cls, vjp=silent(cls.vjp)):
                spoilt = gradients(case.architecture, case.leaves, case.cotangents)[1]
            for leaf, found in spoilt.items():
                if name in ahead.get(leaf, ()):
                    assert not np.any(found), (index, name, leaf)
                    seen += 1
    assert seen > 100


def silent(vjp: Any) -> Any:
    """A rule that passes nothing on."""

    def rule(op: Any, residuals: Any, *cotangents: Any) -> Any:
        shares = vjp(op, residuals, *cotangents)
        return tuple(None if share is None else np.zeros_like(share) for share in shares)

    return rule
