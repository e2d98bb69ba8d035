"""Proposals for normalisations."""

from __future__ import annotations

from oracle.generate.builder import Builder, Proposal, Wire
from reference.op import Shape
from reference.shapes import size

_EPS = (1e-5, 1e-5, 1e-6, 1e-3, 0.5)


def layer_norm(draw: Builder) -> Proposal:
    x = draw.axed()
    normalized = _normalized(draw, x.shape)
    fits = size(normalized) <= draw.limits.weights
    weight, bias = (draw.parameter(normalized) if fits and draw.bits.chance(70) else None for _ in range(2))
    return {"normalized_shape": normalized, "eps": draw.bits.choice(_EPS)}, (x, weight, bias), 1


def rms_norm(draw: Builder) -> Proposal:
    x = draw.axed()
    normalized = _normalized(draw, x.shape)
    weighted = size(normalized) <= draw.limits.weights and draw.bits.chance(70)
    inputs = (x, draw.parameter(normalized)) if weighted else (x,)
    return {"normalized_shape": normalized, "eps": draw.bits.choice(_EPS)}, inputs, 1


def _normalized(draw: Builder, x: Shape) -> Shape:
    """Trailing axes of x, seldom of a single entry: such a group normalises to 0, or to its sign."""
    axes = 1 if draw.bits.chance(70) else draw.bits.between(1, len(x))
    if size(x[-axes:]) == 1 and not draw.bits.chance(10):
        axes = len(x)
    return x[-axes:]


def group_norm(draw: Builder) -> Proposal:
    x = _with_channels(draw)
    channels = x.shape[1]
    groups = [n for n in range(1, channels + 1) if channels % n == 0]
    several = [n for n in groups if size(x.shape[1:]) > n]  # a group of one entry normalises to 0 …
    alone = size(x.shape) == channels  # … and where the batch is one sample, torch refuses it
    if several and (alone or not draw.bits.chance(10)):
        groups = several
    weight, bias = _affine(draw, x)
    if weight is None and not draw.bits.chance(2):  # else torch's backward pass raises: see the findings
        bias = None
    return {"num_groups": draw.bits.choice(groups), "eps": draw.bits.choice(_EPS)}, (x, weight, bias), 1


def batch_norm(draw: Builder) -> Proposal:
    x = _with_channels(draw, told=True)
    training = size(x.shape) >= 2 * x.shape[1] and not draw.bits.chance(35)
    attributes = {"training": training, **_rates(draw)}
    inputs = (x, *_running(draw, x, needed=not training), *_affine(draw, x))
    return attributes, inputs, 1 if training else x.log2 + 4


def instance_norm(draw: Builder) -> Proposal:
    x = _with_channels(draw, empty=False, told=True)
    own = size(x.shape[2:]) > 1 and not draw.bits.chance(25)
    attributes = {"use_input_stats": own, **_rates(draw)}
    inputs = (x, *_running(draw, x, needed=not own), *_affine(draw, x))
    return attributes, inputs, 1 if own else x.log2 + 4


def _rates(draw: Builder) -> dict[str, float]:
    momentum = draw.bits.choice((0.1, 0.1, 0.0, 0.25, 1.0, 0.9, -0.5))
    return {"momentum": momentum, "eps": draw.bits.choice(_EPS)}


def _running(draw: Builder, x: Wire, needed: bool) -> tuple[Wire | None, Wire | None]:
    """Running statistics for the channels of x: always where they are needed, else mostly."""
    if not needed and draw.bits.chance(30):
        return None, None
    return draw.leaf("state", x.shape[1:2]), draw.leaf("state", x.shape[1:2], domain="positive")


def dropout(draw: Builder) -> Proposal:
    x = draw.any_wire()
    p = draw.bits.choice((0.5, 0.5, 0.25, 0.1, 0.9, 0.0))
    training = not draw.bits.chance(15)
    if draw.bits.chance(4):
        p = 1.0
    return {"p": p, "training": training}, (x, draw.leaf("mask", x.shape)), x.log2 + (3 if p == 0.9 else 1)


def local_response_norm(draw: Builder) -> Proposal:
    x = _with_channels(draw, axes=3)
    attributes = {
        "size": draw.bits.choice((3, 5, 2, 4, 1)),
        "alpha": draw.bits.choice((1e-4, 0.5, 1.0, 3.0)),
        "beta": draw.bits.choice((0.75, 0.5, 1.0, 2.0, -0.5)),
        "k": draw.bits.choice((1.0, 1.0, 2.0, 0.3)),
    }
    return attributes, (x,), 2 * x.log2 + 3


def _with_channels(draw: Builder, axes: int = 2, empty: bool = True, told: bool = False) -> Wire:
    """A wire (N, C, …) of moderate values and at least two entries, or an `empty` one.

    Where it is to be `told` by the strides whether channels come last in memory, no images of one sample, one
    row or one column: torch 2.13 differentiates the batch norm of such wrongly if they and the cotangent
    differ in that, and it is the neighbours of the node that decide it: see batch-norm-one-row among the
    observed findings.
    """
    least = max(axes, draw.bits.between(2, 3))

    def fits(wire: Wire) -> bool:
        entries = size(wire.shape)
        full = entries > 1 or (empty and entries == 0)
        channels = least <= len(wire.shape) and 0 < wire.shape[1] <= draw.limits.weights
        strides = not told or len(wire.shape) < 4 or 1 not in (wire.shape[0], *wire.shape[2:])
        return full and channels and strides and wire.log2 <= 10

    def fallback() -> Shape:
        shape = (draw.bits.between(2, 4), draw.bits.between(1, 6), draw.bits.between(2, 5))
        return (*shape, draw.bits.between(2, 3)) if draw.bits.chance(30) else shape[:least]

    return draw.source(fits, fallback)


def _affine(draw: Builder, x: Wire) -> tuple[Wire | None, Wire | None]:
    """A weight and a bias for the channels of x, each mostly."""
    weight, bias = (draw.parameter(x.shape[1:2]) if draw.bits.chance(75) else None for _ in range(2))
    return weight, bias
