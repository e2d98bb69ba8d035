"""Proposals for arithmetic."""

from __future__ import annotations

import builtins

from oracle.generate.builder import Builder, Proposal, Wire
from reference.shapes import broadcast


def add(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    other = draw.partner(wire, log2=20)
    return {}, _either_way(draw, wire, other), builtins.max(wire.log2, other.log2) + 1


def multiply(draw: Builder) -> Proposal:
    wire = draw.source(lambda wire: wire.log2 <= 10, lambda: (draw.bits.between(1, 4),))
    other = draw.partner(wire, log2=6)
    return {}, _either_way(draw, wire, other), builtins.max(wire.log2 + other.log2, 0)


def power(draw: Builder) -> Proposal:
    wire = draw.source(lambda wire: wire.log2 <= 3, lambda: (draw.bits.between(1, 4),))
    if draw.bits.chance(50):
        base = wire
        exponent = draw.bits.choice((2.0, 3.0, 1.0, 0.0, -1.0, -2.0, 0.5, -0.5, 1.5, 0.3, 2.7))
        if exponent < 0 or (not exponent.is_integer() and not draw.bits.chance(2)):
            base = draw.positive(base)  # at a pole, the sign of a zero is that of infinity
        elif draw.bits.chance(30):
            base = draw.through("relu", base)  # powers of 0
        return {"exponent": exponent}, (base,), 30 if exponent < 0 else builtins.max(3 * base.log2, 3)
    shape = draw.broadcastable(wire.shape)
    if draw.bits.chance(50):
        base = draw.leaf("input", shape, domain="positive")
        return {"exponent": None}, (base, draw.through("tanh", wire)), 3
    exponents = draw.leaf("input", shape, log2=-2, domain=draw.bits.choice(("unit", "positive")))
    if draw.bits.chance(30):  # powers of 0, whose infinite slopes end in the relu, and the power 0 of it
        if draw.bits.chance(50):
            exponents = draw.through("relu", draw.leaf("input", shape, log2=-2))
        return {"exponent": None}, (draw.through("relu", wire), exponents), 8
    return {"exponent": None}, (draw.positive(wire), exponents), 8


def max(draw: Builder) -> Proposal:  # named like the op
    x = draw.axed()
    if draw.bits.chance(30):
        return {"dim": None, "keepdim": False}, (x,), x.log2
    axis = draw.axis(x.shape)
    dim = axis - len(x.shape) if draw.bits.chance(50) else axis
    return {"dim": dim, "keepdim": draw.bits.chance(40)}, (x,), x.log2


def min(draw: Builder) -> Proposal:  # named like the op
    return max(draw)


def amax(draw: Builder) -> Proposal:
    x = draw.axed()
    return {"dim": draw.dims(x.shape), "keepdim": draw.bits.chance(40)}, (x,), x.log2


def amin(draw: Builder) -> Proposal:
    return amax(draw)


def mean(draw: Builder) -> Proposal:
    x = draw.any_wire()
    return {"dim": draw.dims(x.shape), "keepdim": draw.bits.chance(40)}, (x,), x.log2


def maximum(draw: Builder) -> Proposal:
    wire = _several(draw)
    if draw.bits.chance(60):  # as large as the other one, so that both are chosen
        shape = wire.shape if draw.bits.chance(70) else draw.broadcastable(wire.shape)
        other = draw.leaf("input", shape, wire.log2)
    else:
        other = _another(draw, wire, 20)
    return {}, _either_way(draw, wire, other), builtins.max(wire.log2, other.log2)


def minimum(draw: Builder) -> Proposal:
    return maximum(draw)


def subtract(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    other = _another(draw, wire, 20)
    return {}, _either_way(draw, wire, other), builtins.max(wire.log2, other.log2) + 1


def divide(draw: Builder) -> Proposal:
    wire = draw.source(lambda wire: wire.log2 <= 4, lambda: (draw.bits.between(1, 4),))
    a, b = _either_way(draw, wire, _another(draw, wire, 4))
    if b.name in draw.leaves and draw.bits.chance(40):  # zeros and tiny numbers, but not 0 up to rounding
        return {}, (a, b), 100
    return {}, (a, draw.positive(_bounded(draw, b))), a.log2 + 6


def exp(draw: Builder) -> Proposal:
    if draw.bits.chance(8):  # near either end of float32, and seldom beyond, where both sides overflow
        log2 = draw.bits.choice((5, 6, 6, 8))
        return {}, (draw.leaf("input", draw.any_wire().shape, log2),), 2 << log2
    x = draw.source(lambda wire: wire.log2 <= 2, lambda: (draw.bits.between(1, 4),))
    return {}, (_bounded(draw, x),), 6


def log(draw: Builder) -> Proposal:
    x = _positive(draw)
    return {}, (x,), 7 if builtins.abs(x.log2) > 20 else 3


def sqrt(draw: Builder) -> Proposal:
    x = _positive(draw)
    return {}, (x,), builtins.max(x.log2 // 2, 3)


def where(draw: Builder) -> Proposal:
    a = _several(draw)
    b = draw.leaf("input", a.shape) if draw.bits.chance(40) else _another(draw, a, 20)
    together = broadcast(a.shape, b.shape) or ()
    condition = draw.leaf("mask", together if draw.bits.chance(70) else draw.broadcastable(together))
    return {}, (condition, *_either_way(draw, a, b)), builtins.max(a.log2, b.log2)


def clamp(draw: Builder) -> Proposal:
    x = draw.any_wire()
    low: float | None = draw.bits.choice((-1.0, -0.5, 0.0, -0.0, -0.3, -2.7))
    high: float | None = draw.bits.choice((1.0, 0.5, 2.0, 0.7, 1.7, 3.0))
    if draw.bits.chance(40):
        low, high = (None, high) if draw.bits.chance(50) else (low, None)
    elif draw.bits.chance(8):
        low, high = draw.bits.choice(((0.5, -0.5), (1.0, 0.3), (0.5, 0.5)))
    return {"min": low, "max": high}, (x,), builtins.min(x.log2, 2)


def _several(draw: Builder) -> Wire:
    """Mostly a wire of several entries: of a choice between two numbers, one has no gradient at all."""
    return draw.any_wire() if draw.bits.chance(5) else draw.axed()


def _another(draw: Builder, wire: Wire, log2: int) -> Wire:
    """A second operand that is not the first one: x − x is 0 and x / x is 1, whatever x is."""
    other = draw.partner(wire, log2)
    return draw.leaf("input", wire.shape) if other == wire else other


def _positive(draw: Builder) -> Wire:
    """A positive wire, mostly not tiny; now and then a leaf, half of whose entries have no root."""
    if draw.bits.chance(8):  # far from 1
        log2 = draw.bits.choice((-100, -30, 30, 100))
        return draw.leaf("input", draw.any_wire().shape, log2, domain="positive")
    x = draw.source(lambda wire: wire.log2 <= 4, lambda: (draw.bits.between(1, 4),))
    any_sign = x.name in draw.leaves and draw.bits.chance(4)
    return x if any_sign else draw.positive(_bounded(draw, x))


def _bounded(draw: Builder, x: Wire) -> Wire:
    """The wire, or the wire clamped, where its exponential might over- or underflow.

    About how large a node's values are is a guess, and now and then trusted.
    """
    if x.log2 <= 1 and (x.name in draw.leaves or draw.bits.chance(30)):
        return x
    draw.add("clamp", ({"min": -20.0, "max": 20.0}, (x,), x.log2))
    return draw.wires[-1]


def _either_way(draw: Builder, a: Wire, b: Wire) -> tuple[Wire, Wire]:
    return (a, b) if draw.bits.chance(50) else (b, a)
