"""Proposals for attention."""

from __future__ import annotations

from typing import Any

from oracle.generate.builder import Builder, Proposal, Wire
from reference.op import Shape
from reference.shapes import size


def scaled_dot_product_attention(draw: Builder) -> Proposal:
    query = _rows(draw)
    key, value = _keys(draw, query)
    scores = (*query.shape[:-1], key.shape[-2])
    what = draw.bits.weighted({"nothing": 35, "causal": 15, "mask": 25, "bias": 25})
    attributes: dict[str, Any] = {
        "is_causal": what == "causal",
        "scale": draw.bits.choice((None, None, None, 1.0, 0.5, -0.7, 3.0, 0.0)),
    }
    if what == "mask":
        return attributes, (query, key, value, draw.leaf("mask", _broadcast(draw, scores))), value.log2
    if what == "bias":
        return attributes, (query, key, value, None, _bias(draw, scores)), value.log2
    return attributes, (query, key, value), value.log2


def _rows(draw: Builder) -> Wire:
    """Queries (…, l, e), of a size that scores are not saturated by."""

    def fits(wire: Wire) -> bool:
        return len(wire.shape) > 1 and wire.shape[-1] > 0 and wire.log2 <= 3

    def fresh() -> Shape:
        heads = tuple(draw.bits.between(1, 3) for _ in range(draw.bits.between(0, 2)))
        return (*heads, draw.bits.between(1, 7), draw.bits.choice((1, 2, 3, 4, 5, 8, 16)))

    return draw.leaf("input", fresh()) if draw.bits.chance(25) else draw.source(fits, fresh)


def _keys(draw: Builder, query: Wire) -> tuple[Wire, Wire]:
    """Keys and values: the queries themselves, earlier wires that fit, or new ones; each may have fewer heads."""
    *heads, length, features = query.shape
    room = draw.limits.elements // max(size(query.shape), 1)
    if draw.bits.chance(20) and length <= room * features:
        return query, query
    most = max(min(draw.limits.elements // max(size((*heads, length)), 1), 9), 1)
    keys = draw.bits.choice((length, 41, 17)) if draw.bits.chance(25) else draw.bits.between(1, most)
    keys = min(keys, most) ...
