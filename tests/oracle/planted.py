"""Hand-built cases, and candidates with a fault planted in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from oracle.candidates.protocol import Result
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case
from oracle.findings.register import load
from oracle.judge.compare import measure
from oracle.judge.tolerance import screened
from reference.architecture import Architecture, Leaf, Node
from reference.backprop import gradients
from reference.op import op_class

torch.set_num_threads(1)  # as a campaign does: threads change how sums round, and small ones take longer
threadpool_limits(1)

Tensors = dict[str, Any]
TORCH = TorchAutograd()
FAULTY = frozenset(
    finding.op for finding in load()
)  # ops that torch has wrong in some cases: see the findings


@dataclass(frozen=True)
class Planted:
    """Torch, with a fault that changes the outputs and gradients it found, in place."""

    fault: Callable[[Tensors, Tensors], object]
    name: str = "planted"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        right = TORCH(architecture, leaves, cotangents)
        outputs = {name: array.copy() for name, array in right.outputs.items()}
        gradients = {name: array.copy() for name, array in right.gradients.items()}
        self.fault(outputs, gradients)
        return Result(outputs, gradients)


@dataclass(frozen=True)
class Reference:
    """The reference as the candidate: they differ in nothing."""

    name: str = "reference"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        return Result(*gradients(architecture, leaves, cotangents))


@dataclass(frozen=True)
class Answering:
    """A candidate that gives the same answer to everything."""

    answer: Any
    name: str = "answering"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Any:
        return self.answer


def passes(reference: Any, candidate: Any, dtype: str) -> list[bool]:
    """Which pairs of tensors the screen lets pass."""
    return [bool(passed) for passed in screened(measure(reference, candidate), dtype)]


def node(op: str, *inputs: str | None, **attributes: Any) -> Node:
    return Node(op_class(op)(**attributes), inputs)


def case(
    dtype: str,
    leaves: Mapping[str, Any],
    nodes: Mapping[str, Node],
    cotangents: Mapping[str, Any],
    states: tuple[str, ...] = (),
) -> Case:
    """A case of inputs and states, whose outputs are the wires that have a cotangent."""
    arrays = {name: np.array(value, dtype) for name, value in leaves.items()}
    network = Architecture(
        {name: Leaf("state" if name in states else "input", array.shape) for name, array in arrays.items()},
        dict(nodes),
        tuple(cotangents),
    )
    y_bar = {wire: np.array(value, dtype) for wire, value in cotangents.items()}
    layouts = dict.fromkeys((*arrays, *y_bar), "contiguous")
    return Case(network, dtype, arrays, y_bar, layouts)


def hidden_zero(dtype: str) -> Case:
    """relu(x + x·w) with w = −1: the argument is exactly 0, and rounding noise does not know."""
    return case(
        dtype,
        {"x": [0.7, -1.3, 0.9], "w": [-1.0, -1.0, 0.5]},
        {"xw": node("multiply", "x", "w"), "s": node("add", "x", "xw"), "y": node("relu", "s")},
        {"y": [1.1, 0.6, -0.8]},
    )
