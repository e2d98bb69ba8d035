"""How large a case is: what shrinking makes smaller, in shortlex order."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from reference.op import Op
from reference.shapes import size


class Cost(NamedTuple):
    """The size of a case; the first entry that differs decides which of two cases is the smaller.

    Attributes
    ----------
    nodes, leaves, outputs : int
        Number of each.
    places : int
        How far the outputs are from the first wires of their nodes.
    elements : int
        Entries of all leaves and outputs together.
    axes : int
        Axes of all leaves and outputs together.
    attributes : int
        How far the attributes are from their defaults; see `of_attribute`.
    layouts : int
        Arrays that are not contiguous.
    float32 : int
        1 for a case in float32, whose rounding hides more.
    bits : int
        How far the values are from 0 and 1; see `of_values`.
    """

    nodes: int
    leaves: int
    outputs: int
    places: int
    elements: int
    axes: int
    attributes: int
    layouts: int
    float32: int
    bits: int


def cost(case: Case) -> Cost:
    """The size of a case."""
    network = case.architecture
    shapes = [network.shapes[wire] for wire in (*network.leaves, *network.outputs)]
    return Cost(
        len(network.nodes),
        len(network.leaves),
        len(network.outputs),
        sum(int(wire.partition(":")[2] or 0) for wire in network.outputs),
        sum(map(size, shapes)),
        sum(map(len, shapes)),
        sum(of_attributes(node.op) for node in network.nodes.values())
        + sum(leaf.bound or 0 for leaf in network.leaves.values()),
        sum(layout != "contiguous" for layout in case.layouts.values()),
        int(case.dtype == "float32"),
        sum(of_values(array) for array in (*case.leaves.values(), *case.cotangents.values())),
    )


def of_attributes(op: Op) -> int:
    """How far an op's attributes are from their defaults."""
    return sum(of_attribute(getattr(op, f.name), f.default) for f in fields(op))


def of_attribute(value: Any, default: Any = None) -> int:
    """0 for the default; else 1 and as much as it takes to write the value."""
    if type(value) is type(default) and value == default:
        return 0
    if isinstance(value, tuple):
        return 2 + sum(of_attribute(entry) for entry in value)
    if isinstance(value, bool | str) or value is None:
        return 1
    return 1 + of_number(float(value))


def of_number(value: float) -> int:
    """0 for 0; else by significant bits, then distance from 1, then sign."""
    if not math.isfinite(value):
        return 2**16
    if value == 0:
        return int(math.copysign(1, value) < 0)
    significand, exponent = math.frexp(abs(value))
    whole = int(significand * 2**53)
    bits = whole.bit_length() - ((whole & -whole).bit_length() - 1)
    return 4 * bits + 2 * abs(exponent - 1) + (value < 0)


def of_values(array: NDArray[Any]) -> int:
    """How far an array is from 0 and 1; the entries of a mask from true."""
    if array.dtype.kind == "b":
        return int(np.count_nonzero(~array))
    if array.dtype.kind == "i":
        return int(array.sum())
    flat = np.asarray(array, np.float64).ravel()
    finite = np.isfinite(flat) & (flat != 0)
    some = np.where(finite, np.abs(flat), 1.0)
    significand, exponent = np.frexp(some)
    whole = (significand * 2.0**53).astype(np.int64)
    trailing = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    costs = 4 * (53 - trailing) + 2 * np.abs(exponent - 1) + (flat < 0)
    costs = np.where(finite, costs, np.where(np.isfinite(flat), np.signbit(flat), 2**16))
    return int(costs.sum())
