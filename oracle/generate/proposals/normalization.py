"""Proposals for normalisations."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal, Wire


def layer_norm(draw: Builder) -> Proposal:
    x = draw.source(lambda wire: len(wire.shape) > 0, lambda: (draw.bits.between(1, 8),))
    axes = 1 if draw.bits.chance(70) else draw.bits.between(1, len(x.shape))
    normalized = x.shape[-axes:]
    eps = draw.bits.choice((1e-5, 1e-5, 1e-6, 1e-3, 0.5))
    inputs: tuple[Wire, ...] = (x,)
    if draw.bits.chance(70):
        inputs += (draw.parameter(normalized),)
        if draw.bits.chance(80):
            inputs += (draw.parameter(normalized),)
    return {"normalized_shape": normalized, "eps": eps}, inputs, 1
