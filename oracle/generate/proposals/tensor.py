"""Proposals for ops that rearrange or add up a tensor."""

from __future__ import annotations

import builtins
from itertools import pairwise

from oracle.generate.builder import Builder, Proposal
from oracle.generate.proposals._shapes import shaped, signed
from reference.op import Shape
from reference.shapes import size


def sum(draw: Builder) -> Proposal:  # named like the op
    x = draw.any_wire()
    dim = draw.dims(x.shape)
    summed = size(x.shape) if dim is None else size(tuple(x.shape[axis] for axis in dim))
    return {"dim": dim, "keepdim": draw.bits.chance(40)}, (x,), x.log2 + summed.bit_length() // 2


def cumsum(draw: Builder) -> Proposal:
    most = draw.limits.elements  # of the table, which has n entries for each of x

    def fits(shape: Shape) -> bool:
        return len(shape) > 0 and size(shape) * min(shape) <= most

    x = shaped(draw, fits)
    axes = [axis for axis, n in enumerate(x.shape) if size(x.shape) * n <= most]
    axis = draw.bits.choice(axes)
    dim = signed(draw, axis, len(x.shape))
    return {"dim": dim}, (x,), x.log2 + x.shape[axis].bit_length() // 2


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
    return (
        {"dim": signed(draw, axis, len(first.shape))},
        tuple(parts),
        max(part.log2 for part in parts),
    )


def _fits(first: Shape, other: Shape, axis: int, room: int) -> bool:
    """Whether `other` has at most `room` along the axis, and `first`'s sizes along the others."""
    return len(first) == len(other) and all(
        m <= room if place == axis else n == m for place, (n, m) in enumerate(zip(first, other, strict=True))
    )


def transpose(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) > 0)
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
    return {"dim": signed(draw, axis, len(x.shape))}, (x, selected), x.log2


def slice(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) > 0)
    axis = draw.axis(x.shape)
    n = x.shape[axis]
    start, end = draw.bits.between(-n - 2, n + 2), draw.bits.between(-n - 2, n + 2)
    if n > 0 and draw.bits.chance(98):  # not empty
        first = draw.bits.below(n)
        start = signed(draw, first, n)
        end = signed(draw, draw.bits.between(first + 1, n), n) or n + draw.bits.below(3)
    attributes = {
        "dim": signed(draw, axis, len(x.shape)),
        "start": None if draw.bits.chance(25) else start,
        "end": None if draw.bits.chance(25) else end,
        "step": draw.bits.choice((1, 1, 1, 2, 2, 3, 7)),
    }
    return attributes, (x,), x.log2


def select(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: max(shape, default=0) > 0)
    axis = draw.axis(x.shape)
    if x.shape[axis] == 0:
        axis = max(range(len(x.shape)), key=lambda other: x.shape[other])
    n = x.shape[axis]
    index = draw.bits.choice((0, n - 1, draw.bits.below(n)))
    return {"dim": signed(draw, axis, len(x.shape)), "index": signed(draw, index, n)}, (x,), x.log2


def permute(draw: Builder) -> Proposal:
    x = shaped(draw)
    axes = list(range(len(x.shape)))
    dims = []
    while axes:
        axis = draw.bits.choice(axes)
        axes.remove(axis)
        dims.append(signed(draw, axis, len(x.shape)))
    return {"dims": tuple(dims)}, (x,), x.log2


def pad(draw: Builder) -> Proposal:
    mode = draw.bits.choice(("constant", "constant", "reflect", "replicate", "circular"))
    if mode == "constant":
        x = shaped(draw)
        least, most = min(len(x.shape), 1), len(x.shape)
    else:
        x = shaped(draw, lambda shape: 2 <= len(shape) <= 5 and 0 not in shape)
        least, most = max(len(x.shape) - 2, 1), min(len(x.shape) - 1, 3)
    pads: list[int] = []
    shape = [*x.shape]
    for place in range(draw.bits.between(least, most)):
        axis = len(shape) - 1 - place
        room = draw.limits.elements // max(size((*shape[:axis], *shape[axis + 1 :])), 1) - shape[axis]
        before, after = _pads(draw, mode, shape[axis], max(room, 0))
        pads += before, after
        shape[axis] += before + after
    value = draw.bits.choice((None, 0.0, 1.0, -2.5, 0.3)) if mode == "constant" else None
    return {"pad": tuple(pads), "mode": mode, "value": value}, (x,), max(x.log2, 2)


def _pads(draw: Builder, mode: str, n: int, room: int) -> tuple[int, int]:
    """Pads of an axis of n entries that add at most `room` to it, and seldom crop all of it.

    Circular ones never do: see pad-circular-all-cropped among the observed findings.
    """
    cropped = 0
    if mode in ("constant", "circular") and draw.bits.chance(40):
        cropped = draw.bits.between(0, n if mode == "constant" and draw.bits.chance(5) else max(n - 1, 0))
    most = {"constant": 5, "reflect": n - 1, "replicate": n + 3, "circular": n - cropped}[mode]
    first, second = (draw.bits.between(0, min(most, room // 2)) for _ in range(2))
    if cropped > 0:
        second = -cropped
    return (first, second) if draw.bits.chance(50) else (second, first)


def expand(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) <= 4)
    if 1 not in x.shape and draw.bits.chance(60):
        x = draw.parameter(tuple(1 if draw.bits.chance(50) else n for n in x.shape))
    room = draw.limits.elements // max(size(x.shape), 1)
    sizes: list[int] = []
    for n in reversed((*(1,) * draw.bits.between(0, 2), *x.shape)):
        new = len(sizes) >= len(x.shape)
        copies = 0 if draw.bits.chance(1) else draw.bits.between(1, max(min(5, room), 1))
        room //= max(copies, 1) if n == 1 else 1
        kept = n != 1 or draw.bits.chance(20)
        sizes.append(copies if new or not kept else -1 if draw.bits.chance(50) else n)
    return {"size": tuple(reversed(sizes))}, (x,), x.log2


def squeeze(draw: Builder) -> Proposal:
    x = shaped(draw)
    if 1 not in x.shape and draw.bits.chance(60):
        x = draw.parameter(tuple(1 if draw.bits.chance(50) else n for n in x.shape))
    ndim = len(x.shape)
    axes = [axis for axis in range(ndim) if draw.bits.chance(50)]
    dim: int | tuple[int, ...] | None = tuple(signed(draw, axis, ndim) for axis in axes)
    if draw.bits.chance(50):
        dim = None if draw.bits.chance(50) else signed(draw, draw.bits.below(ndim or 1), ndim or 1)
    return {"dim": dim}, (x,), x.log2


def unsqueeze(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) <= 4)
    places = len(x.shape) + 1
    return {"dim": signed(draw, draw.bits.below(places), places)}, (x,), x.log2


def flatten(draw: Builder) -> Proposal:
    x = shaped(draw)
    ndim = len(x.shape) or 1  # a scalar counts as one axis
    first = draw.bits.below(ndim)
    last = draw.bits.between(first, ndim - 1)
    return {"start_dim": signed(draw, first, ndim), "end_dim": signed(draw, last, ndim)}, (x,), x.log2


def stack(draw: Builder) -> Proposal:
    first = shaped(draw, lambda shape: len(shape) <= 4)
    parts = [first]
    same = [wire for wire in draw.wires if wire.shape == first.shape] or [first]
    for _ in range(draw.bits.between(0, min(2, draw.limits.elements // max(size(first.shape), 1) - 1))):
        other = draw.bits.choice(same) if draw.bits.chance(50) else draw.leaf("input", first.shape)
        parts.insert(draw.bits.between(0, len(parts)), other)
    places = len(first.shape) + 1
    dim = signed(draw, draw.bits.below(places), places)
    return {"dim": dim}, tuple(parts), max(part.log2 for part in parts)


def split(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) > 0)
    axis = draw.axis(x.shape)
    n = x.shape[axis]
    wanted: int | tuple[int, ...] = draw.bits.between(max(-(-n // 6), 1), n + 2)
    if n == 0 and draw.bits.chance(50):
        wanted = 0
    elif draw.bits.chance(50):
        places = range(n + 1) if draw.bits.chance(10) else range(1, n)  # a cut at an end: an empty piece
        cuts = sorted({draw.bits.choice(places) for _ in range(draw.bits.between(0, 3)) if places})
        wanted = tuple(stop - start for start, stop in pairwise((0, *cuts, n)))
    return {"split_size_or_sections": wanted, "dim": signed(draw, axis, len(x.shape))}, (x,), x.log2


def chunk(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) > 0)
    axis = draw.axis(x.shape)
    return {"chunks": draw.bits.between(1, 6), "dim": signed(draw, axis, len(x.shape))}, (x,), x.log2


def unbind(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: any(0 < n <= 6 for n in shape))
    axis = draw.bits.choice([axis for axis, n in enumerate(x.shape) if 0 < n <= 6])
    return {"dim": signed(draw, axis, len(x.shape))}, (x,), x.log2


def repeat(draw: Builder) -> Proposal:
    x = shaped(draw, lambda shape: len(shape) <= 4)
    room = draw.limits.elements // max(size(x.shape), 1)
    repeats: list[int] = []
    for _ in range(len(x.shape) + draw.bits.between(0, 1)):
        repeats.append(0 if draw.bits.chance(1) else draw.bits.between(1, max(min(4, room), 1)))
        room //= max(repeats[-1], 1)
    return {"repeats": tuple(reversed(repeats))}, (x,), x.log2


def roll(draw: Builder) -> Proposal:
    x = shaped(draw)
    ndim = len(x.shape)
    if ndim == 0 or draw.bits.chance(25):
        shift, entries = draw.bits.between(-9, 9), size(x.shape)
        return {"shifts": (shift,) if draw.bits.chance(50) else shift + entries, "dims": None}, (x,), x.log2
    axes = [draw.bits.below(ndim) for _ in range(draw.bits.between(1, 3))]  # one axis twice, too
    shifts = tuple(draw.bits.between(-x.shape[axis] - 1, 2 * x.shape[axis]) for axis in axes)
    dims = tuple(signed(draw, axis, ndim) for axis in axes)
    if len(axes) == 1 and draw.bits.chance(50):
        return {"shifts": shifts[0], "dims": dims[0]}, (x,), x.log2
    return {"shifts": shifts, "dims": dims}, (x,), x.log2
