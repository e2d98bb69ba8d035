"""A network taken apart: every node is a case of its own, with the values that it has in the network."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.locate import node_cases
from reference.backprop import backward_pass, forward_pass, gradients
from tests.oracle.planted import FAULTY, TORCH

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
                np.testing.assert_array_equal(outputs[wire], forward.values[wire])
                if wire in v_bar:
                    np.testing.assert_array_equal(alone.cotangents[wire], v_bar[wire])
        assert tuple(names) == network.order


@BOTH
def test_every_node_of_a_network_that_agrees_agrees_alone(dtype: str) -> None:
    for index in range(20):
        for name, alone in node_cases(draw_case(42, dtype, index, load_profile("median-small"))):
            said = judge(alone, TORCH)
            assert not said.verdict.fails or said.op in FAULTY, (index, name, said.reason)
