"""Proposals for ops that select entries by an index or a mask."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal
from oracle.generate.proposals._shapes import shaped, signed
from reference.shapes import size


def gather(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) > 0 and 0 not in shape)
    axis = draw.axis(x.shape)
    shape = [n if draw.bits.chance(60) else draw.bits.between(1, n) for n in x.shape]
    room = draw.limits.elements // max(size((*shape[:axis], *shape[axis + 1 :])), 1)
    shape[axis] = 0 if draw.bits.chance(2) else draw.bits.size(1, max(min(2 * x.shape[axis], room), 1))
    index = draw.leaf("index", tuple(shape), bound=x.shape[axis])
    return {"dim": signed(draw, axis, len(x.shape))}, (x, index), x.log2


def masked_fill(draw: Builder) -> Proposal:
    least = 1 if draw.bits.chance(5) else 4  # a mask of one entry takes all or nothing
    x = shaped(draw, lambda shape: 0 in shape or size(shape) >= least)
    small = draw.broadcastable(x.shape)
    mask = draw.leaf("mask", small if size(small) >= least else x.shape)
    value = draw.bits.choice((0.0, 1.0, -2.5, 0.3, 100.0))
    return {"value": value}, (x, mask), max(x.log2, 1)
