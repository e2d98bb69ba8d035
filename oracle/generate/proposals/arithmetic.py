"""Proposals for arithmetic."""

from __future__ import annotations

import builtins

from oracle.generate.builder import Builder, Proposal, Wire


def add(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    other = draw.partner(wire, log2=20)
    return {}, _either_way(draw, wire, other), builtins.max(wire.log2, other.log2) + 1


def multiply(draw: Builder) -> Proposal:
    wire = draw.source(lambda wire: wire.log2 <= 10, lambda: (draw.bits.between(1, 4),))
    other = draw.partner(wire, log2=6)
    return {}, _either_way(draw, wire, other), builtins.max(wire.log2 + other.log2, 0)


def power(draw: Builder) -> Proposal:
    base = draw.source(lambda wire: wire.log2 <= 3, lambda: (draw.bits.between(1, 4),))
    if draw.bits.chance(50):
        exponent = draw.bits.choice((2.0, 3.0, 1.0, 0.0, -1.0, -2.0, 0.5, -0.5, 1.5, 0.3, 2.7))
        if exponent < 0 or (not exponent.is_integer() and not draw.bits.chance(10)):
            base = draw.positive(base)  # at a pole, the sign of a zero is that of infinity
        return {"exponent": exponent}, (base,), builtins.max(3 * base.log2, 3)
    if not draw.bits.chance(4):  # else NaN nearly everywhere, but for bases that happen to be positive
        base = draw.positive(base)
    exponents = draw.partner(base, log2=2)
    return {"exponent": None}, (base, exponents), 4 * base.log2 + 4


def max(draw: Builder) -> Proposal:  # named like the op
    x = draw.axed()
    if draw.bits.chance(30):
        return {"dim": None, "keepdim": False}, (x,), x.log2
    axis = draw.axis(x.shape)
    dim = axis - len(x.shape) if draw.bits.chance(50) else axis
    return {"dim": dim, "keepdim": draw.bits.chance(40)}, (x,), x.log2


def _either_way(draw: Builder, a: Wire, b: Wire) -> tuple[Wire, Wire]:
    return (a, b) if draw.bits.chance(50) else (b, a)
