"""Proposals for normalisations."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal, Wire
from reference.shapes import size


def layer_norm(draw: Builder) -> Proposal:
    x = draw.axed()
    axes = 1 if draw.bits.chance(70) else draw.bits.between(1, len(x.shape))
    if size(x.shape[-axes:]) == 1 and not draw.bits.chance(10):
        axes = len(x.shape)  # a group of one entry normalises to 0: worth a few cases, no more
    normalized = x.shape[-axes:]
    eps = draw.bits.choice((1e-5, 1e-5, 1e-6, 1e-3, 0.5))
    inputs: tuple[Wire, ...] = (x,)
    if size(normalized) <= draw.limits.weights and draw.bits.chance(70):
        inputs += (draw.parameter(normalized),)
        if draw.bits.chance(80):
            inputs += (draw.parameter(normalized),)
    return {"normalized_shape": normalized, "eps": eps}, inputs, 1
