"""Proposals for linear maps."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal, Wire
from reference.op import Shape
from reference.shapes import size


def linear(draw: Builder) -> Proposal:
    x = draw.axed()
    fan_in = x.shape[-1]
    weight = draw.parameter((draw.width(size(x.shape[:-1]), fan_in), fan_in), fan_in)
    inputs = (x, weight, draw.parameter(weight.shape[:1])) if draw.bits.chance(70) else (x, weight)
    return {}, inputs, x.log2


def matmul(draw: Builder) -> Proposal:
    a = draw.axed(log2=10)
    fitting = [wire for wire in draw.wires if _fits(draw, a.shape, wire) and wire.log2 <= 6]
    if fitting and draw.bits.chance(40):
        b = draw.bits.choice(fitting)
        return {}, (a, b), a.log2 + b.log2 + a.shape[-1].bit_length() // 2
    if len(a.shape) > 1 and draw.bits.chance(25):  # a weight from the left
        shape = (draw.width(size(a.shape) // a.shape[-2], a.shape[-2]), a.shape[-2])
        left = draw.parameter(shape[1:] if draw.bits.chance(20) else shape, a.shape[-2])
        return {}, (left, a), a.log2
    return {}, (a, draw.parameter(_right(draw, a.shape), a.shape[-1])), a.log2


def _fits(draw: Builder, a: Shape, wire: Wire) -> bool:
    if wire.shape == a[-1:]:
        return True
    matrix = len(wire.shape) == 2 and wire.shape[0] == a[-1]
    return matrix and size(a[:-1]) * wire.shape[1] <= draw.limits.elements


def _right(draw: Builder, a: Shape) -> Shape:
    """Shape of a right operand: a column, a matrix, or a stack of matrices that broadcasts with a."""
    if draw.bits.chance(20):
        return a[-1:]
    matrix = (a[-1], draw.width(size(a[:-1]), a[-1]))
    if len(a) > 2 and draw.bits.chance(60):
        batch = tuple(1 if draw.bits.chance(40) else n for n in a[:-2])
        if size((*batch, *matrix)) <= draw.limits.weights:
            return (*batch, *matrix)
    stacked = 2 * a[0] * matrix[1] <= draw.limits.elements and 2 * size(matrix) <= draw.limits.weights
    if len(a) == 2 and stacked and draw.bits.chance(20):
        return (2, *matrix)
    return matrix
