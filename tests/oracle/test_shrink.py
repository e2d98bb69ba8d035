"""Shrinking: planted faults are found again as the smallest case that shows them, to the last entry."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from oracle.candidates.protocol import Candidate
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case, dumps, loads
from oracle.judge.judge import judge
from oracle.judge.verdict import Verdict
from oracle.layouts import arrange
from oracle.shrink.canonical import canonical
from oracle.shrink.cost import cost, of_number, of_values
from oracle.shrink.script import LINES, script
from oracle.shrink.shrinker import PASSES, NothingToShrinkError, Shrinker, State
from oracle.shrink.state import StateError, dump, load, source
from reference.architecture import Architecture, Leaf
from tests.oracle.faulty import ForgetsFanOut, failing, replaced, scaled
from tests.oracle.planted import TORCH, case, hidden_zero, node


def shrunk(candidate: Candidate, start: Case) -> State:
    shrinker = Shrinker(candidate)
    state = shrinker.run(shrinker.start(start)[0])
    assert state.done
    return state


def told(small: Case) -> dict[str, Any]:
    """A case in short: its nodes as calls, its values as lists."""
    nodes = small.architecture.nodes
    return {
        "nodes": {name: (node.op.name, *node.inputs) for name, node in nodes.items()},
        "leaves": {name: array.tolist() for name, array in small.leaves.items()},
        "cotangents": {wire: array.tolist() for wire, array in small.cotangents.items()},
    }


def only(op: str, leaves: dict[str, Any], y_bar: Any) -> dict[str, Any]:
    return {"nodes": {"y": (op, *leaves)}, "leaves": leaves, "cotangents": {"y": y_bar}}


# --- planted faults, and the exact case that is left of a network of 30 nodes -----------------


def _wide(inputs: Any, attributes: Any) -> bool:
    return inputs[0].ndim > 0 and inputs[0].shape[-1] >= 3


def _uneven(inputs: Any, attributes: Any) -> bool:
    return attributes["kernel_size"] == 2 and attributes["padding"] == 1


PLANTED: dict[str, tuple[str, Callable[[], Candidate], dict[str, Any]]] = {
    "every gradient": ("tanh", lambda: scaled("tanh"), only("tanh", {"z": 0.0}, 1.0)),
    "the gradient of the weight alone": (
        "linear",
        lambda: scaled("linear", 1),
        only("linear", {"x": [1.0], "weight": [[0.0]]}, [1.0]),
    ),
    "a bias": (
        "layer_norm",
        lambda: scaled("layer_norm", 2, when=lambda inputs, _: len(inputs) > 2 and inputs[2] is not None),
        {
            "nodes": {"y": ("layer_norm", "x", None, "bias")},
            "leaves": {"bias": [0.0], "x": [0.0]},
            "cotangents": {"y": [1.0]},
        },
    ),
    "an attribute that is not the default": (
        "gelu",
        lambda: scaled("gelu", when=lambda _, attributes: attributes["approximate"] == "tanh"),
        only("gelu", {"z": 0.0}, 1.0),
    ),
    "three entries or more": ("sigmoid", lambda: scaled("sigmoid", when=_wide),
                              only("sigmoid", {"z": [0.0, 0.0, 0.0]}, [1.0, 0.0, 0.0])),
    "the slope at zero": (
        "relu",
        lambda: replaced("relu", lambda z: torch.where(z >= 0, z, 0)),
        only("relu", {"z": 0.0}, 1.0),
    ),
    "another function": (
        "softplus",
        lambda: replaced("softplus", lambda z, beta, threshold: F.softplus(z, beta, threshold) * 1.001),
        only("softplus", {"z": 0.0}, 0.0),
    ),
    "the winner of a tie": (
        "max",
        lambda: replaced("max", lambda x, dim, keepdim: torch.amax(x, tuple(range(x.ndim)) if dim is None else dim, keepdim)),
        only("max", {"x": [0.0, 0.0]}, 1.0),
    ),
    "a table's row": ("embedding", lambda: scaled("embedding"), only("embedding", {"indices": 0, "weight": [[0.0]]}, [1.0])),
    "depthwise groups": (
        "conv2d",
        lambda: scaled("conv2d", 1, when=lambda _, attributes: attributes["groups"] > 1),
        only("conv2d", {"x": [[[1.0]], [[0.0]]], "weight": [[[[0.0]]], [[[0.0]]]]}, [[[1.0]], [[0.0]]]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_shrinks_to_the_smallest_case_that_shows_it(fault: str) -> None:
    op, plant, smallest = PLANTED[fault]
    candidate = plant()
    start, said = failing(candidate, op)
    state = shrunk(candidate, start)
    assert told(state.case) == smallest
    assert state.case.dtype == "float64"
    assert set(state.case.layouts.values()) == {"contiguous"}
    again = judge(state.case, candidate)
    assert (again.verdict, again.op) == (said.verdict, op)
