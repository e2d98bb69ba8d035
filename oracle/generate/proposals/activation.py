"""Proposals for the activations."""

from __future__ import annotations

import math

from oracle.generate.builder import Builder, Proposal, Wire
from reference.shapes import size


def sigmoid(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 0


def tanh(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 0


def softsign(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 0


def hardsigmoid(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 0


def relu6(draw: Builder) -> Proposal:
    return {}, (draw.any_wire(),), 2


def leaky_relu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    slope = draw.bits.choice((0.01, 0.25, 0.3, 0.0, 0.0, 1.0, -0.5, 1.7))
    return {"negative_slope": slope}, (wire,), wire.log2 + 1


def prelu(draw: Builder) -> Proposal:
    wire = draw.source(lambda wire: wire.domain == "any", lambda: (draw.bits.between(1, 4),))
    channels = wire.shape[1] if len(wire.shape) > 1 else 1
    own = 0 < channels <= draw.limits.weights and draw.bits.chance(60)
    shape = (channels,) if own else () if draw.bits.chance(20) else (1,)
    return {}, (wire, draw.parameter(shape)), wire.log2


def threshold(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    at = draw.bits.choice((0.0, 0.25, -1.0, 0.3, -0.25))
    value = draw.bits.choice((0.0, at, 2.0, -0.7))
    return {"threshold": at, "value": value}, (wire,), max(wire.log2, 1)


def hardtanh(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    low = draw.bits.choice((-1.0, -1.0, -0.3, 0.0, -2.0, 0.25, -math.inf))
    high = draw.bits.choice((1.0, 1.0, 0.7, 0.5, 3.0, 6.0, math.inf))
    if draw.bits.chance(3):
        high = max(low, 0.0)  # a single value, perhaps
    return {"min_val": low, "max_val": high}, (wire,), max(wire.log2, 1)


def hardshrink(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {"lambd": _lambd(draw, wire, (0.5, 0.25, 0.3, 0.1, 0.0, -0.5))}, (wire,), wire.log2


def softshrink(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {"lambd": _lambd(draw, wire, (0.5, 0.25, 0.3, 0.1, 0.0))}, (wire,), max(wire.log2, 0)


def _lambd(draw: Builder, wire: Wire, choices: tuple[float, ...]) -> float:
    """One of the choices, and larger where values are: a shrinkage of everything shows nothing."""
    return draw.bits.choice(choices) * 2.0 ** draw.bits.between(0, min(max(wire.log2, 0), 4))


def softplus(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    beta = draw.bits.choice((1.0, 1.0, 0.5, 2.0, 0.3, 1.7, -1.0))
    threshold = draw.bits.choice((20.0, 20.0, 2.0, 0.5, 0.0, -0.9, 7.3))
    return {"beta": beta, "threshold": threshold}, (wire,), max(wire.log2, 2)


def elu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {"alpha": draw.bits.choice((1.0, 1.0, 0.5, 1.7, 0.0, -1.3))}, (wire,), max(wire.log2, 0)


def selu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {}, (wire,), max(wire.log2, 1)


def celu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    if wire.log2 <= 0 and draw.bits.chance(20):  # falls exponentially
        return {"alpha": -2.0}, (wire,), 2
    rounded = draw.bits.chance(10)  # float32 has no such alpha, and torch rounds to it in float64, too
    return (
        {"alpha": draw.bits.choice((0.3, 1.7) if rounded else (1.0, 1.0, 0.5, 0.375, 1.75))},
        (wire,),
        max(wire.log2, 1),
    )


def gelu(draw: Builder) -> Proposal:
    wire = draw.any_wire()
    return {"approximate": draw.bits.choice(("none", "tanh"))}, (wire,), wire.log2


def softmax(draw: Builder) -> Proposal:
    wire = draw.logits(empty=True)
    return {"dim": _dim(draw, wire)}, (wire,), 0


softmin = softmax


def log_softmax(draw: Builder) -> Proposal:
    wire = draw.logits(empty=True)
    return {"dim": _dim(draw, wire)}, (wire,), max(wire.log2 + 1, 3)


def _dim(draw: Builder, wire: Wire) -> int:
    axis = draw.axis(wire.shape)
    return axis - len(wire.shape) if draw.bits.chance(50) else axis


def glu(draw: Builder) -> Proposal:
    x = draw.source(
        lambda wire: any(n % 2 == 0 for n in wire.shape) and (size(wire.shape) > 0 or draw.bits.chance(20)),
        lambda: (draw.bits.between(1, 4), 2 * draw.bits.between(1, 4)),
    )
    axis = draw.bits.choice([axis for axis, n in enumerate(x.shape) if n % 2 == 0])
    return {"dim": axis - len(x.shape) if draw.bits.chance(50) else axis}, (x,), x.log2
