"""Proposals for the activations."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal


def sigmoid(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 0


def tanh(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 0


def softplus(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    beta = draw.bits.choice((1.0, 1.0, 0.5, 2.0, 0.3, 1.7, -1.0))
    threshold = draw.bits.choice((20.0, 20.0, 2.0, 0.5, 0.0, -0.9, 7.3))
    return {"beta": beta, "threshold": threshold}, (wire,), max(wire.log2, 2)


def softmax(draw: Builder) -> Proposal:
    wire = draw.logits(empty=True)
    axis = draw.axis(wire.shape)
    return {"dim": axis - len(wire.shape) if draw.bits.chance(50) else axis}, (wire,), 0


def elu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {"alpha": draw.bits.choice((1.0, 1.0, 0.5, 1.7, 0.0, -1.3))}, (wire,), max(wire.log2, 0)


def gelu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {"approximate": draw.bits.choice(("none", "tanh"))}, (wire,), wire.log2
