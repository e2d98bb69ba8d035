"""Random networks.

Chains, branches, residuals, concatenations, tied weights, fan-out and several outputs, of depth 1 to
30, width 1 to 512 and batch 1 to 256.  Every case **features** one op, fixed by its index, so that the
rarest op gets its share and shards or resumed runs draw the same; the op before it is fixed by the
index too, and runs through all ops.
"""

from __future__ import annotations

from collections import Counter

from oracle.generate.bits import Bits
from oracle.generate.builder import Builder, Limits, Range, Wire
from oracle.generate.profile import Profile
from oracle.generate.proposals import proposal
from reference.architecture import Architecture
from reference.op import family, op_names


def featured(ops: tuple[str, ...], index: int) -> tuple[str, str]:
    """The op that case `index` features, and the op that comes right before it.

    The first runs through `ops` (all of them, if empty), the second through all ops, so that
    len(ops) × len(all) consecutive cases meet every pair once.
    """
    every = op_names()
    chosen = ops or every
    return chosen[index % len(chosen)], every[(index // len(chosen)) % len(every)]


def draw_architecture(
    bits: Bits, profile: Profile, ops: tuple[str, ...], index: int
) -> tuple[Architecture, dict[str, Range]]:
    """Draw a network.

    Parameters
    ----------
    bits : Bits
        Where decisions come from.
    profile : Profile
        Sizes and shares.
    ops : tuple of str
        Ops to feature; empty for all.
    index : int
        Index of the case: fixes the featured op and the one before it.

    Returns
    -------
    Architecture
        The network.
    dict of str to Range
        What the values of each leaf are to be like.
    """
    draw = _start(bits, profile)
    op, before = featured(ops, index)
    loss = family(op) != "loss" and profile.depth > 1 and bits.chance(profile.loss)
    depth = _depth(bits, profile.mean_depth, profile.depth - loss)
    place = bits.below(depth)
    asked = [before, op] if place else [op]
    while asked or len(draw.nodes) < depth:  # a proposal may add nodes that prepare a wire: they count
        due = asked and len(draw.nodes) > place - len(asked)
        name = asked.pop(0) if due else bits.weighted(profile.ops)
        draw.add(name, proposal(name)(draw))
    if loss:
        name = bits.choice([name for name in op_names() if family(name) == "loss"])
        draw.add(name, proposal(name)(draw))
    leaves = {name: leaf for name, leaf in draw.leaves.items() if name in draw.used}
    return Architecture(leaves, draw.nodes, _outputs(draw, profile)), draw.ranges


def _start(bits: Bits, profile: Profile) -> Builder:
    """The first input, and the limits that its size leaves."""
    batch = bits.size(*profile.batch)
    width = bits.size(*profile.width)
    large = bits.chance(profile.large)
    elements = profile.elements_large if large else profile.elements
    while batch * width > elements:
        batch, width = (batch, max(width // 2, 1)) if bits.chance(50) else (max(batch // 2, 1), width)
    draw = Builder(bits, Limits(elements, profile.weights, profile.width))
    shape = {
        "matrix": (batch, width),
        "vector": (width,),
        "cube": (max(batch // 4, 1), min(batch, 4), width),
        "images": (max(batch // 8, 1), 2, min(batch, 4), width),
        "scalar": (),
        "empty": (0, width) if bits.chance(50) else (min(batch, 4), 0),
    }[bits.weighted({"matrix": 62, "vector": 10, "cube": 12, "images": 8, "scalar": 4, "empty": 4})]
    draw.wires.append(draw.leaf("input", shape))
    return draw


def _depth(bits: Bits, mean: int, most: int) -> int:
    """Depth about geometric with this mean, at most `most`."""
    depth = 1
    while depth < most and bits.below(mean) > 0:
        depth += 1
    return depth


def _node(wire: Wire) -> str:
    return wire.name.partition(":")[0]


def _outputs(draw: Builder, profile: Profile) -> tuple[str, ...]:
    """Most wires that nothing uses, all constant ones, and now and then one that is used as well.

    Of a node of several outputs some may reach nothing: their cotangent is zero.
    """
    driven = [wire for wire in draw.wires if wire.name not in draw.leaves]
    alive = Counter(_node(wire) for wire in driven)
    outputs = []
    for wire in driven:
        if wire.name in draw.used:
            continue
        if alive[_node(wire)] > 1 and draw.bits.chance(25):
            alive[_node(wire)] -= 1
        else:
            outputs.append(wire.name)
    inner = [wire for wire in driven if wire.name in draw.used]
    if inner and draw.bits.chance(profile.inner_output):
        outputs.append(draw.bits.choice(inner).name)
    return (*outputs, *draw.constants)
