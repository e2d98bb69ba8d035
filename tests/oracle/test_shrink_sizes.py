"""Sizes that attributes hold: wherever shrinking begins, it ends at a case of the same small size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oracle.case import Case
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.locate import node_cases
from oracle.shrink.canonical import canonical
from oracle.shrink.cost import cost
from oracle.shrink.failure import failures
from oracle.shrink.shrinker import Shrinker, State
from reference.shapes import size
from tests.oracle.faulty import scaled

SHALLOW = replace(load_profile("default"), depth=3, mean_depth=1)
NODES, TRIES = 4, 120


def drawn(op: str) -> list[Case]:
    """Nodes of this op, each as a case."""
    found: list[Case] = []
    for index in range(TRIES):
        case = draw_case(7, "float64", index, SHALLOW, (op,))
        for name, alone in node_cases(case):
            if alone.architecture.nodes[name].op.name == op:
                found.append(canonical(replace(alone, origin=None)))
    return found


def large(value: Any) -> bool:
    """Whether an attribute holds a number above 1."""
    return any(map(large, value)) if isinstance(value, tuple) else type(value) is int and value > 1


@pytest.mark.parametrize(
    ("op", "attribute", "entries"),
    [
        ("conv1d", "groups", 8),
        ("conv2d", "stride", 4),
        ("conv2d", "dilation", 4),
        ("conv2d", "groups", 8),
        ("conv_transpose2d", "stride", 4),
        ("conv_transpose2d", "dilation", 4),
        ("avg_pool2d", "kernel_size", 2),
        ("avg_pool2d", "divisor_override", 2),
        ("max_pool2d", "stride", 2),
        ("max_pool2d", "padding", 2),
        ("adaptive_avg_pool2d", "output_size", 3),
        ("split", "split_size_or_sections", 2),
        ("expand", "size", 3),
        ("pad", "pad", 4),
        ("repeat", "repeats", 3),
        ("roll", "shifts", 2),
        ("local_response_norm", "size", 2),
    ],
)
def test_every_drawn_node_shrinks_to_very_few_entries(op: str, attribute: str, entries: int) -> None:
    """A fault that shows where the attribute is above 1: leaves and outputs together hold no more entries."""
    candidate = scaled(op, when=lambda _, attributes: large(attributes[attribute]))
    ends = []
    for start in drawn(op):
        told = failures(start, judge(start, candidate, sample=False, locate=False))
        if told:
            last = Shrinker(candidate).run(State(start, told[0]))
            ends.append(last.case)
            assert last.done
            assert cost(last.case) <= cost(start)
        if len(ends) == NODES:
            break
    assert len(ends) > 1
    for end in ends:
        network = end.architecture
        small = sum(size(network.shapes[wire]) for wire in (*network.leaves, *network.outputs))
        assert small <= entries, (network.nodes, network.shapes)
