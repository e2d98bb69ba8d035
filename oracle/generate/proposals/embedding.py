"""Proposals for tables whose rows are looked up."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal
from reference.op import Shape
from reference.shapes import size


def embedding(draw: Builder) -> Proposal:
    tables = [wire for wire in draw.wires if len(wire.shape) == 2 and 0 not in wire.shape]
    if tables and draw.bits.chance(50):
        weight = draw.bits.choice(tables)
    else:
        features = draw.bits.choice((1, 3, 8, 17, 41, 81)) if draw.bits.chance(50) else draw.width(1, 1)
        weight = draw.parameter(
            (draw.bits.size(1, max(min(64, draw.limits.weights // features), 1)), features)
        )
    rows, features = weight.shape
    shape: Shape = ()
    for _ in range(0 if draw.bits.chance(5) else draw.bits.between(1, 3)):
        room = draw.limits.elements // (features * size(shape))
        shape = (*shape, draw.bits.size(1, max(min(2 * rows, room), 1)))
    indices = draw.leaf("index", (*shape, 0) if draw.bits.chance(2) else shape, bound=rows)
    padded = draw.bits.chance(40 if min(rows, size(shape)) > 2 else 5)  # else nothing may be left
    padding = draw.bits.below(2 * rows) - rows if padded else None
    attributes = {"padding_idx": padding, "scale_grad_by_freq": draw.bits.chance(30)}
    return attributes, (indices, weight), weight.log2
