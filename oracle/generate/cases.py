"""Draw a case: a network, values, layouts and cotangents, from (seed, dtype, index) alone."""

from __future__ import annotations

import numpy as np

from oracle.case import DTYPES, Array, Case, Origin
from oracle.generate import values
from oracle.generate.architectures import draw_architecture
from oracle.generate.bits import Bits
from oracle.generate.builder import Range
from oracle.generate.profile import Profile
from oracle.layouts import arrange
from reference.architecture import FLOATING, Leaf

GENERATOR_VERSION = 4  # raise it whenever the same (seed, index) would draw another case


@np.errstate(all="ignore")
def draw_case(seed: int, dtype: str, index: int, profile: Profile, ops: tuple[str, ...] = ()) -> Case:
    """Draw case `index` of a campaign.

    Parameters
    ----------
    seed : int
        Seed of the campaign, 0 … 2⁶⁴ − 1.
    dtype : {"float32", "float64"}
        Dtype of all floating arrays.
    index : int
        Index of the case.
    profile : Profile
        Sizes and shares.
    ops : tuple of str
        Draw only cases that contain at least one of these ops; empty for all.

    Returns
    -------
    Case
        The same one wherever and however often it is drawn.
    """
    bits = Bits(seed, GENERATOR_VERSION, DTYPES.index(dtype), index)
    architecture, ranges = draw_architecture(bits, profile, ops, index)
    short = bits.chance(profile.short)
    floating = [name for name, leaf in architecture.leaves.items() if leaf.kind in FLOATING]
    floating += [wire for wire in architecture.outputs if wire in architecture.differentiable]
    poisoned = bits.choice(floating) if bits.chance(profile.nonfinite) and not short else ""
    layouts: dict[str, str] = {}
    leaves: dict[str, Array] = {}
    for name, leaf in architecture.leaves.items():
        if leaf.kind not in FLOATING:
            layouts[name] = "contiguous"
            leaves[name] = _integral(bits, leaf)
            continue
        kind = _kind(bits, profile.values, short, name == poisoned)
        leaves[name], layouts[name] = _draw(bits, profile, kind, leaf.shape, dtype, ranges[name])
    cotangents: dict[str, Array] = {}
    for wire in architecture.outputs:
        if wire not in architecture.differentiable:
            cotangents[wire], layouts[wire] = np.zeros(architecture.shapes[wire], dtype), "contiguous"
            continue
        kind = _kind(bits, profile.cotangents, short, wire == poisoned)
        cotangents[wire], layouts[wire] = _draw(
            bits, profile, kind, architecture.shapes[wire], dtype, Range()
        )
    origin = Origin(seed, GENERATOR_VERSION, profile.name, ops, dtype, index)
    return Case(architecture, dtype, leaves, cotangents, layouts, origin)


def _draw(
    bits: Bits, profile: Profile, kind: str, shape: tuple[int, ...], dtype: str, wanted: Range
) -> tuple[Array, str]:
    """Values of a kind in a layout; expanded ones repeat one slice, as expansion does.

    An expanded vector would be constant, and under a constant cotangent softmax has no gradient.
    """
    layout = bits.weighted(profile.layouts)
    if layout == "expanded" and len(shape) == 1:
        layout = "contiguous"
    if layout == "expanded" and len(shape) > 1:
        array = np.broadcast_to(_floating(bits, kind, (1, *shape[1:]), dtype, wanted), shape)
    else:
        array = _floating(bits, kind, shape, dtype, wanted)
    return arrange(array, layout), layout


def _kind(bits: Bits, weights: dict[str, int], short: bool, poisoned: bool) -> str:
    if poisoned:
        return "nonfinite"
    return "short" if short else bits.weighted(weights)


def _integral(bits: Bits, leaf: Leaf) -> Array:
    if leaf.bound is not None:
        return values.index(bits, leaf.shape, leaf.bound)
    return values.mask(bits, leaf.shape)


def _floating(bits: Bits, kind: str, shape: tuple[int, ...], dtype: str, wanted: Range) -> Array:
    """Values of a kind, moved into their domain."""
    array = values.draw(bits, kind, shape, dtype, 0 if kind == "short" else wanted.log2)
    if wanted.domain == "positive":
        return values.positive(array, away=bits.chance(75))
    if wanted.domain == "closed":
        return values.closed(array, end=bits.below(2))
    return values.unit(array) if wanted.domain == "unit" else array
