"""Images for convolutions and poolings: channels, height and width, small, and hardly ever square.

With one axis behind the channels they are sequences.
"""

from __future__ import annotations

from oracle.generate.builder import Builder, Wire
from reference.op import Shape
from reference.shapes import size
from reference.windows import PerAxis

CHANNELS = 64  # at most, where a wire is taken as it is


def images(draw: Builder, axes: int = 2, batched: bool = False) -> Wire:
    """Images that an earlier node made, an earlier wire reshaped into images, or fresh ones.

    At most a quarter of what a wire may hold, so that padding leaves room.

    Parameters
    ----------
    draw : Builder
        The network under construction.
    axes : int
        Axes behind the channels.
    batched : bool
        Whether there must be an axis of images before the channels.
    """
    most = draw.limits.elements // 4
    wires = [wire for wire in draw.wires if 0 not in wire.shape[-axes - 1 :] and size(wire.shape) <= most]
    lengths = (axes + 2,) if batched else (axes + 1, axes + 2)
    made = [wire for wire in wires if len(wire.shape) in lengths and wire.shape[-axes - 1] <= CHANNELS]
    how = draw.bits.below(100)
    if made and how < 50:
        return made[-1] if draw.bits.chance(75) else draw.bits.choice(made)
    others = [wire for wire in wires if size(wire.shape) > 3]
    if others and how < 80:
        wire = others[-1] if draw.bits.chance(75) else draw.bits.choice(others)
        draw.add("reshape", ({"shape": _cut(draw, size(wire.shape), axes, batched)}, (wire,), wire.log2))
        return draw.wires[-1]
    return draw.leaf("input", _fresh(draw, most, axes, batched))


def either(draw: Builder, values: tuple[int, ...]) -> PerAxis:
    """The attribute of some axes, now and then as one number where it is the same for all."""
    return values[0] if len({*values}) == 1 and draw.bits.chance(50) else values


def _cut(draw: Builder, entries: int, axes: int, batched: bool) -> Shape:
    """A shape of so many entries: what channels, height and width leave over is images, or width."""
    shape = []
    for most in (6, *(9,) * axes):
        divisors = [n for n in range(1, most + 1) if entries % n == 0]
        shape.append(draw.bits.choice(divisors[-3:]))
        entries //= shape[-1]
    if entries <= 8 and draw.bits.chance(50):
        shape[-1] *= entries
        entries = 1
    return tuple(shape) if entries == 1 and not batched and draw.bits.chance(50) else (entries, *shape)


def _fresh(draw: Builder, most: int, axes: int, batched: bool) -> Shape:
    """Sizes that are drawn apart; now and then a width of more than one vector register, with a tail."""
    shape = [draw.bits.between(1, 6), *(draw.bits.between(1, 9) for _ in range(axes))]
    if draw.bits.chance(10):
        shape[-1] = draw.bits.choice((17, 41, 41))
    if batched or draw.bits.chance(75):
        shape.insert(0, 0 if draw.bits.chance(2) else draw.bits.between(1, 3))
    while size(tuple(shape)) > most:
        shape[-axes - 1] = 1
        shape[-1] = (shape[-1] + 1) // 2
    return tuple(shape)
