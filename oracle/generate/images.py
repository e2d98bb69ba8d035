"""Images for convolutions and poolings: (n, c, h, w) or (c, h, w), small, and hardly ever square."""

from __future__ import annotations

from oracle.generate.builder import Builder, Wire
from reference.op import Shape
from reference.shapes import size
from reference.windows import Pair


def images(draw: Builder) -> Wire:
    """Images that an earlier node made, an earlier wire reshaped into images, or fresh ones.

    At most a quarter of what a wire may hold, so that padding leaves room.
    """
    most = draw.limits.elements // 4
    wires = [wire for wire in draw.wires if 0 not in wire.shape[-3:] and size(wire.shape) <= most]
    made = [wire for wire in wires if len(wire.shape) in (3, 4) and wire.shape[-3] <= 64]
    how = draw.bits.below(100)
    if made and how < 50:
        return made[-1] if draw.bits.chance(75) else draw.bits.choice(made)
    others = [wire for wire in wires if size(wire.shape) > 3]
    if others and how < 80:
        wire = others[-1] if draw.bits.chance(75) else draw.bits.choice(others)
        draw.add("reshape", ({"shape": _cut(draw, size(wire.shape))}, (wire,), wire.log2))
        return draw.wires[-1]
    return draw.leaf("input", _fresh(draw, most))


def either(draw: Builder, pair: tuple[int, ...]) -> Pair:
    """The attribute of two axes, now and then as one number where it is the same."""
    return pair[0] if len({*pair}) == 1 and draw.bits.chance(50) else pair


def _cut(draw: Builder, entries: int) -> Shape:
    """A shape of so many entries: what channels, height and width leave over is images, or width."""
    shape = []
    for most in (6, 9, 9):
        divisors = [n for n in range(1, most + 1) if entries % n == 0]
        shape.append(draw.bits.choice(divisors[-3:]))
        entries //= shape[-1]
    if entries == 1 and draw.bits.chance(50):
        return tuple(shape)
    channels, height, width = shape
    if entries <= 8 and draw.bits.chance(50):
        return (1, channels, height, width * entries)
    return (entries, channels, height, width)


def _fresh(draw: Builder, most: int) -> Shape:
    """Sizes that are drawn apart; now and then a width of more than one vector register, with a tail."""
    shape = [draw.bits.between(1, 6), draw.bits.between(1, 9), draw.bits.between(1, 9)]
    if draw.bits.chance(10):
        shape[2] = draw.bits.choice((17, 41, 41))
    if draw.bits.chance(75):
        shape.insert(0, 0 if draw.bits.chance(2) else draw.bits.between(1, 3))
    while size(tuple(shape)) > most:
        shape[-3] = 1
        shape[-1] = (shape[-1] + 1) // 2
    return tuple(shape)
