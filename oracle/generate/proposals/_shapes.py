"""Shapes that faults live at, and places that are counted from either end."""

from __future__ import annotations

from collections.abc import Callable

from oracle.generate.builder import Builder, Wire
from reference.op import Shape
from reference.shapes import size

_LENGTHS = (1, 2, 3, 4, 5, 17, 41, 81)  # two SIMD blocks of 8, 16 or 32 lanes, and an odd tail


def awkward(draw: Builder) -> Shape:
    """A shape that kernels trip over: axes of size 1, odd tails, and now and then no entries."""
    shape: Shape = ()
    for _ in range(draw.bits.between(1, 4)):
        length = draw.bits.choice(_LENGTHS)
        shape = (*shape, length if size((*shape, length)) <= draw.limits.elements else 1)
    return (*shape, 0) if draw.bits.chance(2) else shape


def shaped(draw: Builder, fits: Callable[[Shape], bool] = lambda shape: True) -> Wire:
    """A wire whose shape `fits` (as (2, 3, 1) must), now and then a new one of an awkward shape."""
    shape = awkward(draw)
    if fits(shape) and (draw.bits.chance(8) or 0 in shape):
        return draw.leaf("input", shape)
    return draw.source(lambda wire: fits(wire.shape), lambda: (2, 3, 1))


def signed(draw: Builder, place: int, count: int) -> int:
    """A place among `count`, counted from the front or from the end."""
    return place - count if draw.bits.chance(50) else place
