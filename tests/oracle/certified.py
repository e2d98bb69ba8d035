"""Rows of the tables of examples on other number systems, and the ends of a ball."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from mpmath import mpf

from reference.architecture import Architecture, Leaf, LeafKind, Node
from tests.reference.example import Example
from tests.reference.examples import EXAMPLES
from tests.reference.test_ops import run

PRECISION = 128
LOOSE = 2.0 ** (16 - PRECISION)  # a few roundings, and the digits that a power loses to the size of y log x


def ends(ball: arb) -> tuple[Fraction, Fraction]:
    """The ends of a ball, as rational numbers."""
    middle, radius = (
        Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
        for mantissa, exponent in (part.man_exp() for part in (ball.mid(), ball.rad()))
    )
    return middle - radius, middle + radius


def rational(x: Any) -> Fraction:
    if isinstance(x, mpf):
        sign, mantissa, exponent, _ = x._mpf_
        return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent
    return Fraction(x)


def assert_holds(ball: arb, value: Any, digits: int = 0) -> None:
    """The ball holds a value that is known to so many digits (0: exactly), and is not much wider."""
    low, high = ends(ball)
    value = rational(value)
    known = abs(value) / Fraction(10) ** digits if digits else Fraction(0)
    assert low <= value + known
    assert value - known <= high
    assert high - low <= 2 * abs(value) * Fraction(LOOSE) + 2 * known


def run_on(example: Example, convert: Callable[[Any], Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """Outputs and cotangents of the inputs, floating arrays being converted."""

    def number(x: Any) -> Any:
        return convert(x) if x is not None and x.dtype.kind == "f" else x

    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    return run(example.op, [*map(number, inputs)], [*map(number, cotangents)])


def run_forward(example: Example, convert: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Outputs alone, floating inputs being converted."""
    inputs = [convert(x) if x is not None and x.dtype.kind == "f" else x for x in example.inputs(np.float64)]
    return example.op.forward(*inputs)[0]


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


def is_finite(example: Example) -> bool:
    """Whether the reference gives finite outputs and gradients (the mean of nothing is NaN)."""
    with np.errstate(all="ignore"):
        outputs, shares = run_on(example, lambda x: x)
    return all(np.isfinite(array).all() for array in (*outputs, *shares) if array is not None)


FINITE = [example for example in EXAMPLES if is_finite(example)]
