"""Proposals for attention: self-attention and keys of their own, fewer heads, every way to leave keys out."""

from __future__ import annotations

from typing import Any

from oracle.generate.builder import Builder, Proposal, Wire
from reference.op import Shape
from reference.shapes import broadcast, size


def scaled_dot_product_attention(draw: Builder) -> Proposal:
    query = _queries(draw)
    key, value = _keys(draw, query)
    heads = broadcast(query.shape[:-2], key.shape[:-2]) or ()
    scores = (*heads, query.shape[-2], key.shape[-2])
    what = draw.bits.weighted({"all": 35, "causal": 15, "mask": 25, "bias": 25})
    if what == "causal" and query.shape[-2] == 1:  # one key, whose weight is 1
        what = "all"
    scale = draw.bits.choice((None, None, None, 1.0, 0.5, 3.0, -0.7))
    if scale == -0.7 and what == "causal" and not draw.bits.chance(10):  # else torch gives NaN for four axes
        scale = 0.7
    attributes: dict[str, Any] = {"is_causal": what == "causal", "scale": scale}
    inputs: tuple[Wire | None, ...] = (query, key, value)
    if what == "mask":
        inputs += (draw.leaf("mask", _spread(draw, scores)),)
    if what == "bias" and 0 not in scores:  # torch forgets the bias of no queries: not even an empty gradient
        inputs += (None, _bias(draw, _spread(draw, scores)))
    return attributes, inputs, value.log2


def _queries(draw: Builder) -> Wire:
    """Queries (…, l, e), seldom none, and not so large that the largest score alone is left."""
    least = 0 if draw.bits.chance(10) else 1

    def fits(wire: Wire) -> bool:
        return len(wire.shape) > 1 and wire.shape[-1] > 0 and wire.log2 <= 3 and size(wire.shape) >= least

    def fresh() -> Shape:
        heads = tuple(draw.bits.between(1, 3) for _ in range(draw.bits.choice((0, 1, 2, 2, 2))))
        return (*heads, draw.bits.between(1, 7), draw.bits.choice((1, 2, 3, 4, 5, 8, 16)))

    return draw.leaf("input", fresh()) if draw.bits.chance(25) else draw.source(fits, fresh)


def _keys(draw: Builder, query: Wire) -> tuple[Wire, Wire]:
    """Keys and values: the queries themselves (self-attention), earlier wires that fit, or new ones."""
    *heads, length, features = query.shape
    if not heads and 0 < 2 * size(query.shape) <= draw.limits.elements and draw.bits.chance(60):
        heads = [2]  # queries shared by heads; and where a layout repeats the first axis, keys still differ
    room = draw.limits.elements // max(size((*heads, max(length, features))), 1)
    if draw.bits.chance(25) and 1 < length <= room:
        return query, query
    keys = 41 if draw.bits.chance(10) else length if draw.bits.chance(25) else draw.bits.between(2, 9)
    keys = max(min(max(keys, 1 if draw.bits.chance(10) else 2), room), 1)  # a single key has the weight 1
    if heads == [*query.shape[:-2]] and draw.bits.chance(2):
        keys = 0
    key = _operand(draw, heads, keys, features)
    room = draw.limits.elements // max(size((*heads, max(length, keys))), 1)
    return key, _operand(draw, heads, keys, max(min(draw.bits.between(1, 6), room), 1))


def _operand(draw: Builder, heads: list[int], keys: int, features: int) -> Wire:
    """An earlier wire of that shape, or a new leaf, now and then with one head or none for all."""
    shape = (*heads, keys, features)
    fitting = [wire for wire in draw.wires if wire.shape == shape and wire.log2 <= 3]
    if fitting and draw.bits.chance(50):
        return draw.bits.choice(fitting)
    if heads and draw.bits.chance(25):
        shape = (*(1 if draw.bits.chance(60) else n for n in heads), keys, features)
        shape = shape[draw.bits.below(len(heads) + 1) :]
    small = size(shape) <= draw.limits.weights
    weight = small and draw.bits.chance(50)
    return draw.parameter(shape, features) if weight else draw.leaf("input", shape)


def _bias(draw: Builder, shape: Shape) -> Wire:
    """An earlier wire, or a new parameter."""
    fitting = [wire for wire in draw.wires if wire.shape == shape and wire.log2 <= 3]
    if fitting and draw.bits.chance(50):
        return draw.bits.choice(fitting)
    return draw.parameter(shape) if size(shape) <= draw.limits.weights else draw.leaf("input", shape)


def _spread(draw: Builder, scores: Shape) -> Shape:
    """A shape that broadcasts to that of the scores: fewer heads, or one entry for all queries or keys."""
    shape = tuple(1 if draw.bits.chance(20) else n for n in scores[:-1])
    shape += (1 if draw.bits.chance(5) else scores[-1],)  # softmax forgets what is added to a whole row
    return shape[draw.bits.below(len(shape) - 1) :] if draw.bits.chance(40) else shape
