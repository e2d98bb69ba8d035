"""Proposals for arithmetic."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal, Wire


def add(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    other = draw.partner(wire, log2=20)
    return {}, _either_way(draw, wire, other), max(wire.log2, other.log2) + 1


def multiply(draw: Builder) -> Proposal:
    wire = draw.source(lambda wire: wire.log2 <= 10, lambda: (draw.bits.between(1, 4),))
    other = draw.partner(wire, log2=6)
    return {}, _either_way(draw, wire, other), max(wire.log2 + other.log2, 0)


def _either_way(draw: Builder, a: Wire, b: Wire) -> tuple[Wire, Wire]:
    return (a, b) if draw.bits.chance(50) else (b, a)
