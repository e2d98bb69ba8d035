"""Rows of the tables of examples on other number systems, and the ends of a ball."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from reference.architecture import Architecture, Leaf, LeafKind, Node
from tests.reference.example import Example
from tests.reference.test_ops import run


def ends(ball: arb) -> tuple[Fraction, Fraction]:
    """The ends of a ball, as rational numbers."""
    middle, radius = (
        Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
        for mantissa, exponent in (part.man_exp() for part in (ball.mid(), ball.rad()))
    )
    return middle - radius, middle + radius


def run_on(example: Example, convert: Callable[[Any], Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """Outputs and cotangents of the inputs, floating arrays being converted."""

    def number(x: Any) -> Any:
        return convert(x) if x is not None and x.dtype.kind == "f" else x

    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    return run(example.op, [*map(number, inputs)], [*map(number, cotangents)])


def network(example: Example) -> tuple[Architecture, dict[str, Any], dict[str, Any]]:
    """The row as a network of one node: architecture, leaves and cotangents."""
    names, leaves, values = example.op.signature(), {}, {}
    wires: list[str | None] = []
    for position, value in enumerate(example.inputs(np.float64)):
        wire = None if value is None else f"x{position}"
        wires.append(wire)
        if wire is not None:
            kind: LeafKind = example.op.kinds.get(names.name(position), "parameter")  # type: ignore[assignment]
            leaves[wire] = Leaf(kind, value.shape, 3 if kind == "index" else None)
            values[wire] = value
    outputs = ["y", *(f"y:{k}" for k in range(1, len(example.op.infer(*example.shapes))))]
    architecture = Architecture(leaves, {"y": Node(example.op, tuple(wires))}, tuple(outputs))
    return architecture, values, dict(zip(outputs, example.cotangents(np.float64), strict=True))
