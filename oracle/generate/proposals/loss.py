"""Proposals for the losses: the wire that is left becomes the prediction."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal

_REDUCTIONS = ("mean", "sum", "none")


def mse(draw: Builder) -> Proposal:
    x = draw.source(lambda wire: wire.log2 <= 20 and 0 not in wire.shape, lambda: (draw.bits.between(1, 8),))
    matching = [wire for wire in draw.wires if wire.shape == x.shape and wire.log2 <= 20 and wire != x]
    target = draw.bits.choice(matching) if matching and draw.bits.chance(20) else draw.leaf("input", x.shape)
    return {"reduction": draw.bits.choice(_REDUCTIONS)}, (x, target), 2 * x.log2 + 2


def cross_entropy(draw: Builder) -> Proposal:
    x = draw.logits()
    axis = min(1, len(x.shape) - 1)
    target = draw.leaf("index", x.shape[:axis] + x.shape[axis + 1 :], bound=x.shape[axis])
    return {"reduction": draw.bits.choice(_REDUCTIONS)}, (x, target), x.log2 + 3
