"""A network taken apart: every node is a case of its own, with the values that it has in the network."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.locate import Lent, node_cases
from reference.backprop import backward_pass, forward_pass, gradients
from tests.oracle.planted import FAULTY, TORCH, Reference, case, node, passes

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])


@BOTH
def test_a_node_alone_computes_what_it_computes_in_the_network(dtype: str) -> None:
    for index in range(20):
        whole = draw_case(41, dtype, index, load_profile("median-small"))
        network = whole.architecture
        forward = forward_pass(network, whole.leaves)
        v_bar = backward_pass(network, forward, whole.cotangents)
        names = []
        for name, alone in node_cases(whole):
            names.append(name)
            outputs, _ = gradients(alone.architecture, alone.leaves, alone.cotangents)
            for wire in network.wires[name]:
                here, there = outputs[wire], forward.values[wire]
                # other strides may be another order of a sum
                assert np.array_equal(here, there, equal_nan=True) or passes([there], [here], dtype) == [True]
                if wire in v_bar:
                    np.testing.assert_array_equal(alone.cotangents[wire], v_bar[wire])
        assert tuple(names) == network.order


@BOTH
def test_every_node_of_a_network_that_agrees_agrees_alone(dtype: str) -> None:
    for index in range(20):
        for name, alone in node_cases(draw_case(42, dtype, index, load_profile("median-small"))):
            said = judge(alone, TORCH)
            assert not said.verdict.fails or said.op in FAULTY, (index, name, said.reason)


@BOTH
def test_a_right_derivative_that_is_lent_to_the_reference_changes_nothing_but_rounding(dtype: str) -> None:
    for index in range(10):
        whole = draw_case(43, dtype, index, load_profile("median-small"))
        for name, alone in node_cases(whole):
            said = judge(whole, Lent(Reference(), name, alone), locate=False)
            assert not said.verdict.fails, (index, name, said.reason)


def test_an_error_that_only_the_network_makes_large_is_found_at_its_node() -> None:
    """Torch loses digits of tanhshrink's slope at 2⁻⁹, beside the one at 1; the network picks the former."""
    nodes = {"m": node("maximum", "x", "c"), "y": node("tanhshrink", "m")}
    picked = case("float64", {"x": [0.0, 1.0], "c": 2.0**-9}, nodes, {"y": [1.0, 1.0]})
    alone = dict(node_cases(picked))["y"]
    assert not judge(alone, TORCH).verdict.fails
    said = judge(picked, TORCH)
    assert (said.verdict.value, said.op, said.node) == ("candidate-wrong", "tanhshrink", "y")
