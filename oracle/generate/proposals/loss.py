"""Proposals for the losses: the wire that is left becomes the prediction."""

from __future__ import annotations

from typing import Any

from oracle.generate.builder import Builder, Domain, Proposal, Wire
from reference.op import Shape
from reference.shapes import size

_REDUCTIONS = ("mean", "sum", "none")


def mse(draw: Builder) -> Proposal:
    attributes, inputs, log2 = _regression(draw)
    return attributes, inputs, 2 * log2 + 2


def l1(draw: Builder) -> Proposal:
    return _regression(draw)


def smooth_l1(draw: Builder) -> Proposal:
    beta = draw.bits.choice((1.0, 1.0, 0.5, 2.0, 0.3, 1.7, 0.0))
    return _with(_regression(draw), beta=beta)


def huber(draw: Builder) -> Proposal:
    delta = draw.bits.choice((1.0, 1.0, 0.5, 2.0, 0.3, 1.7, 7.3))
    return _with(_regression(draw), delta=delta)


def bce(draw: Builder) -> Proposal:
    """A prediction and a target from 0 to 1, seldom a prediction of 0 or 1 itself: clamped logarithms.

    Neither may be NaN, which torch refuses: so both are made from leaves of their own.
    """
    shape = _prediction(draw).shape
    certain = draw.bits.chance(20)
    x = draw.leaf("input", shape, 0 if certain else -1, domain="closed" if certain else "any")
    target = draw.leaf("input", shape, domain=draw.bits.choice(("closed", "unit", "unit", "any")))
    inputs: tuple[Wire, ...] = tuple(y if y.domain == "closed" else draw.unit(y) for y in (x, target))
    if draw.bits.chance(40):
        inputs += (_weight(draw, x.shape),)
    return {"reduction": draw.bits.choice(_REDUCTIONS)}, inputs, 5


def bce_with_logits(draw: Builder) -> Proposal:
    x = _prediction(draw)
    inputs: tuple[Wire | None, ...] = (x, _target(draw, x, "any" if draw.bits.chance(10) else "unit"))
    weight, pos_weight = draw.bits.chance(40), draw.bits.chance(40)
    if weight or pos_weight:
        inputs += (_weight(draw, x.shape) if weight else None,)
    if pos_weight:
        inputs += (_weight(draw, x.shape),)
    return {"reduction": draw.bits.choice(_REDUCTIONS)}, inputs, x.log2 + 3


def kl_div(draw: Builder) -> Proposal:
    """A probability is made by a node, and hardly ever 0 or so tiny that torch's slope is wrong."""
    x = _prediction(draw)
    log_target = draw.bits.chance(40)
    reduction = draw.bits.choice((*_REDUCTIONS, "batchmean") if x.shape else _REDUCTIONS)
    target = _target(draw, x, "any")
    if not log_target:
        if draw.bits.chance(20):
            target = draw.leaf("input", x.shape, domain="closed")
        else:
            target = draw.unit(target) if draw.bits.chance(60) else draw.positive(target)
    return {"reduction": reduction, "log_target": log_target}, (x, target), x.log2 + 4


def nll(draw: Builder) -> Proposal:
    """Seldom of four axes: torch refuses the backward pass of such an input, unless it is contiguous."""
    x = draw.axed()
    if len(x.shape) == 4 and not draw.bits.chance(40):
        draw.add("reshape", ({"shape": (*x.shape[:2], x.shape[2] * x.shape[3])}, (x,), x.log2))
        x = draw.wires[-1]
    attributes, inputs = _classes(draw, x)
    return attributes, inputs, x.log2 + 2


def cross_entropy(draw: Builder) -> Proposal:
    attributes, inputs = _classes(draw, draw.logits())
    return attributes | {"label_smoothing": _smoothing(draw)}, inputs, inputs[0].log2 + 3


def cross_entropy_soft(draw: Builder) -> Proposal:
    x = draw.logits()
    inputs: tuple[Wire, ...] = (x, _target(draw, x, "any" if draw.bits.chance(20) else "unit"))
    if draw.bits.chance(40):
        inputs += (_class_weights(draw, x.shape),)
    attributes = {"reduction": draw.bits.choice(_REDUCTIONS), "label_smoothing": _smoothing(draw)}
    return attributes, inputs, x.log2 + 5


def _prediction(draw: Builder) -> Wire:
    return draw.source(
        lambda wire: wire.log2 <= 20 and 0 not in wire.shape, lambda: (draw.bits.between(1, 8),)
    )


def _target(draw: Builder, x: Wire, domain: Domain) -> Wire:
    """Mostly a leaf, now and then another wire: a target is differentiable."""
    matching = [wire for wire in draw.wires if wire.shape == x.shape and wire.log2 <= 4 and wire != x]
    if not matching or not draw.bits.chance(20):
        return draw.leaf("input", x.shape, domain=domain)
    wire = draw.bits.choice(matching)
    return draw.unit(wire) if domain == "unit" else wire


def _regression(draw: Builder) -> Proposal:
    """A prediction and a target, seldom two of which many are 0: there the kink is no matter of rounding."""
    x = _prediction(draw)
    target = _target(draw, x, "any")
    if draw.bits.chance(8):
        x, target = (draw.leaf("input", x.shape, log2=-19, domain="closed") for _ in range(2))
    return {"reduction": draw.bits.choice(_REDUCTIONS)}, (x, target), x.log2 + 1


def _with(proposal: Proposal, **more: float) -> Proposal:
    attributes, inputs, log2 = proposal
    return attributes | more, inputs, log2


def _weight(draw: Builder, shape: Shape) -> Wire:
    """Constant weights that broadcast to `shape`."""
    ones = tuple(1 if draw.bits.chance(30) else n for n in shape)
    return draw.leaf(
        "state",
        ones[draw.bits.between(0, len(shape)) :],
        domain="any" if draw.bits.chance(20) else "positive",
    )


def _class_weights(draw: Builder, x: Shape) -> Wire:
    shape = (x[min(1, len(x) - 1)],)
    return draw.leaf("state", shape, domain="any" if draw.bits.chance(20) else "positive")


def _classes(draw: Builder, x: Wire) -> tuple[dict[str, Any], tuple[Wire, ...]]:
    """Class indices for x, weights or none, and an index to ignore that is a class, or is none."""
    axis = min(1, len(x.shape) - 1)
    classes = x.shape[axis]
    inputs: tuple[Wire, ...] = (x, draw.leaf("index", x.shape[:axis] + x.shape[axis + 1 :], bound=classes))
    if draw.bits.chance(40):
        inputs += (_class_weights(draw, x.shape),)
    ignored = draw.bits.choice((-100, -100, draw.bits.below(classes), min(1, classes - 1)))
    if size(inputs[1].shape) < 4 and not draw.bits.chance(10):
        ignored = -100  # else all samples would be ignored too often, and the mean NaN
    return {"reduction": draw.bits.choice(_REDUCTIONS), "ignore_index": ignored}, inputs


def _smoothing(draw: Builder) -> float:
    return draw.bits.choice((0.0, 0.0, 0.1, 0.5, 0.3, 1.0))
