"""Proposals for ops that rearrange or add up a tensor."""

from __future__ import annotations

import builtins

from oracle.generate.builder import Builder, Proposal
from reference.op import Shape
from reference.shapes import size


def sum(draw: Builder) -> Proposal:  # named like the op
    x = draw.any_wire()
    ndim = len(x.shape)
    dim: tuple[int, ...] | None = None
    if ndim > 0 and not draw.bits.chance(15):
        axes = [axis for axis in range(ndim) if draw.bits.chance(40)] or [draw.bits.below(ndim)]
        dim = tuple(axis - ndim if draw.bits.chance(50) else axis for axis in axes)
    summed = size(x.shape) if dim is None else size(tuple(x.shape[axis] for axis in dim))
    return {"dim": dim, "keepdim": draw.bits.chance(40)}, (x,), x.log2 + summed.bit_length() // 2


def reshape(draw: Builder) -> Proposal:
    x = draw.any_wire()
    return {"shape": _factors(draw, size(x.shape))}, (x,), x.log2


def _factors(draw: Builder, entries: int) -> Shape:
    """A random shape of so many entries and at most four axes."""
    shape = []
    for _ in range(draw.bits.between(0, 3)):
        divisors = [n for n in (1, 2, 3, 4, 5, 6, 7, 8, 16, 32) if entries % n == 0]
        shape.append(draw.bits.choice(divisors))
        entries //= shape[-1]
    if entries != 1 or not shape:
        shape.insert(draw.bits.between(0, len(shape)), entries)
    return tuple(shape)


def concatenate(draw: Builder) -> Proposal:
    first = draw.axed()
    axis = draw.bits.below(len(first.shape))
    parts = [first]
    for _ in range(draw.bits.between(1, 2)):
        slice_ = size(first.shape[:axis] + first.shape[axis + 1 :])
        room = draw.limits.elements // slice_ - builtins.sum(part.shape[axis] for part in parts)
        fitting = [wire for wire in draw.wires if _fits(first.shape, wire.shape, axis, room)]
        if fitting and draw.bits.chance(60):
            parts.insert(draw.bits.between(0, len(parts)), draw.bits.choice(fitting))
        elif room > 0:
            length = draw.bits.between(1, min(4, room))
            parts.append(draw.leaf("input", (*first.shape[:axis], length, *first.shape[axis + 1 :])))
    dim = axis - len(first.shape) if draw.bits.chance(50) else axis
    return {"dim": dim}, tuple(parts), max(part.log2 for part in parts)


def _fits(first: Shape, other: Shape, axis: int, room: int) -> bool:
    """Whether `other` has at most `room` along the axis, and `first`'s sizes along the others."""
    return len(first) == len(other) and all(
        m <= room if place == axis else n == m for place, (n, m) in enumerate(zip(first, other, strict=True))
    )


def transpose(draw: Builder) -> Proposal:
    x = draw.source(lambda wire: len(wire.shape) > 0, lambda: (draw.bits.between(1, 4), 2))
    ndim = len(x.shape)
    dim0, dim1 = draw.bits.below(ndim) - ndim, draw.bits.below(ndim)
    return (
        {"dim0": dim0, "dim1": dim1} if draw.bits.chance(50) else {"dim0": dim1, "dim1": dim0},
        (x,),
        x.log2,
    )


def index(draw: Builder) -> Proposal:
    x = draw.axed()
    axis = draw.axis(x.shape)
    room = draw.limits.elements * x.shape[axis] // size(x.shape)
    rows = 0 if draw.bits.chance(3) else draw.bits.size(1, min(room, 2 * x.shape[axis]))
    selected = draw.leaf("index", (rows,), bound=x.shape[axis])
    return {"dim": axis - len(x.shape) if draw.bits.chance(50) else axis}, (x, selected), x.log2
