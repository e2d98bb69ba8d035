"""What a proposal builds a network with: wires to start from, and leaves to add.

Networks are valid by construction: a proposal looks at the shapes of wires and draws leaves and
attributes that fit.  Nothing is drawn and then thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from oracle.generate.bits import Bits
from reference.architecture import Leaf, LeafKind, Node
from reference.op import Shape, op_class
from reference.shapes import broadcast, size

Domain = Literal[
    "any", "positive", "unit", "closed"
]  # all, > 0, strictly between 0 and 1, or one of them too


@dataclass(frozen=True, slots=True)
class Range:
    """What values of a wire are like: about how large (log₂), and where they lie."""

    log2: int = 0
    domain: Domain = "any"


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire: its name, its shape, about how large its values are (log₂), and where they lie.

    A node's values may leave its domain by rounding (a sigmoid of 50 is 1), a leaf's do not.
    """

    name: str
    shape: Shape
    log2: int = 0
    domain: Domain = "any"


# map (0, 1) into itself, and (0, ∞), too
KEEPING = ("abs", "elu", "gelu", "hardswish", "leaky_relu", "mish", "relu", "sigmoid", "silu", "softsign",
           "sqrt", "tanh")  # fmt: skip

# attributes, inputs (None: one that is left out), log₂ of the output's size
Proposal = tuple[dict[str, Any], tuple[Wire | None, ...], int]


@dataclass(frozen=True)
class Limits:
    """Sizes that one network keeps to: of one wire, of one weight, and of an axis."""

    elements: int
    weights: int
    width: tuple[int, int]


@dataclass
class Builder:
    """A network under construction.

    Parameters
    ----------
    bits : Bits
        Where decisions come from.
    limits : Limits
        Sizes to keep to.
    """

    bits: Bits
    limits: Limits
    leaves: dict[str, Leaf] = field(default_factory=dict)
    ranges: dict[str, Range] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    constants: list[str] = field(default_factory=list)

    def leaf(
        self,
        kind: LeafKind,
        shape: Shape,
        log2: int = 0,
        bound: int | None = None,
        domain: Domain = "any",
    ) -> Wire:
        """Add a leaf: values in `domain`, about 2^log2 large, or truth values, or indices below `bound`."""
        name = f"{kind[0]}{len(self.leaves)}"
        self.leaves[name] = Leaf(kind, shape, bound)
        self.ranges[name] = Range(log2, domain)
        return Wire(name, shape, log2, domain)

    def parameter(self, shape: Shape, fan_in: int = 1) -> Wire:
        """A weight scaled by about 1/√fan_in: a new one, or now and then one that is in use (tied)."""
        log2 = -(fan_in.bit_length() // 2)
        if self.bits.chance(12):
            for name, leaf in self.leaves.items():
                if leaf.kind == "parameter" and leaf.shape == shape:
                    return Wire(name, shape, self.ranges[name].log2, self.ranges[name].domain)
        return self.leaf("parameter", shape, log2)

    def source(self, fits: Callable[[Wire], bool], fallback: Callable[[], Shape]) -> Wire:
        """A wire that `fits`: mostly the last one (a chain), else an older one (a branch).

        Where none fits, a new input of the shape that `fallback` gives.
        """
        fitting = [wire for wire in self.wires if fits(wire)]
        if not fitting:
            return self.leaf("input", fallback())
        return fitting[-1] if self.bits.chance(75) else self.bits.choice(fitting)

    def any_wire(self) -> Wire:
        """Any wire."""
        return self.source(lambda wire: True, lambda: (self.bits.between(1, 4),))

    def positive(self, wire: Wire) -> Wire:
        """The wire, or one made from it, by a softplus or a sigmoid at first: values above 0."""
        if wire.domain != "any":
            return wire
        return self.unit(wire) if self.bits.chance(25) else self._made("softplus", wire, "positive")

    def unit(self, wire: Wire) -> Wire:
        """The wire, or one made from it, by a sigmoid at first: values between 0 and 1."""
        return wire if wire.domain == "unit" else self._made("sigmoid", wire, "unit")

    def _made(self, name: str, wire: Wire, domain: Domain) -> Wire:
        """The wire, after an op that takes it into a domain, and often after one that keeps it there."""
        made = self.through(name, wire, domain)
        return self.through(self.bits.choice(KEEPING), made, domain) if self.bits.chance(40) else made

    def through(self, name: str, wire: Wire, domain: Domain = "any") -> Wire:
        """The wire, after an elementwise op with its default attributes."""
        self.add(name, ({}, (wire,), max(wire.log2, 0)))
        self.wires[-1] = replace(self.wires[-1], domain=domain)
        return self.wires[-1]

    def axed(self, log2: int = 1000, empty: bool = False) -> Wire:
        """A wire with an axis that a weight may span, seldom one of a single entry, at most 2^log2 large.

        Wires without entries are for ops that say they are `empty`-safe.
        """
        least = 1 if self.bits.chance(10) else 2

        def fits(wire: Wire) -> bool:
            entries = size(wire.shape)
            enough = entries >= least or (empty and entries == 0)
            spans = len(wire.shape) > 0 and max(wire.shape) <= self.limits.weights
            return enough and spans and wire.log2 <= log2

        return self.source(fits, lambda: (self.bits.between(1, 8),))

    def logits(self, empty: bool = False) -> Wire:
        """A wire for a softmax: now and then one whose rows lie so far apart that exponentials vanish."""
        if self.bits.chance(12):
            return self.leaf("input", (self.bits.between(2, 6), self.bits.between(2, 5)), log2=11)
        return self.axed(empty=empty)

    def partner(self, wire: Wire, log2: int = 10) -> Wire:
        """A second operand that broadcasts with `wire` and is at most about 2^log2 large."""
        if self.bits.chance(20 if 0 in wire.shape else 50):
            fitting = [other for other in self.wires if other.log2 <= log2 and self._fits(wire, other)]
            if fitting:
                return self.bits.choice(fitting)
        shape = self.broadcastable(wire.shape)
        small = size(shape) <= self.limits.weights
        return self.parameter(shape) if small and self.bits.chance(70) else self.leaf("input", shape)

    def _fits(self, wire: Wire, other: Wire) -> bool:
        shape = broadcast(wire.shape, other.shape)
        return shape is not None and size(shape) <= self.limits.elements

    def broadcastable(self, shape: Shape) -> Shape:
        """The shape itself, or one that broadcasts with it: axes of size 1, leading ones missing or new."""
        if 0 in shape and self.bits.chance(75):
            return tuple(n or 1 for n in shape)  # a row against no rows
        how = self.bits.below(8)
        if how < 3 or not shape:
            return shape
        ones = tuple(1 if self.bits.chance(50) else n for n in shape)
        if how < 5:
            return (ones if how == 4 else shape)[self.bits.between(1, len(shape)) :]
        if how == 5:
            return ones[self.bits.below(len(shape)) :]
        if how == 7 and 2 * size(shape) <= self.limits.elements and len(shape) < 4:
            return (2, *ones)
        return ones

    def width(self, rows: int, fan_in: int) -> int:
        """Number of features that a new axis of a wire of `rows` rows may have, fed by `fan_in`."""
        low, high = self.limits.width
        room = min(high, self.limits.elements // max(rows, 1), self.limits.weights // max(fan_in, 1))
        return self.bits.size(1 if self.bits.chance(10) else min(low, max(room, 1)), max(room, 1))

    def axis(self, shape: Shape) -> int:
        """An axis of `shape`: mostly the last one, and seldom one of size 1 where there are others."""
        axis = len(shape) - 1 if self.bits.chance(60) else self.bits.below(len(shape))
        if shape[axis] == 1 and not self.bits.chance(10):
            axis = max(range(len(shape)), key=lambda other: shape[other])
        return axis

    def dims(self, shape: Shape) -> tuple[int, ...] | None:
        """Axes of `shape` for a reduction, counted from either end; now and then None, for all of them."""
        ndim = len(shape)
        if ndim == 0 or self.bits.chance(15):
            return None
        axes = [axis for axis in range(ndim) if self.bits.chance(40)] or [self.bits.below(ndim)]
        return tuple(axis - ndim if self.bits.chance(50) else axis for axis in axes)

    def add(self, name: str, proposal: Proposal) -> None:
        """Add a node of the op called `name`; its differentiable outputs become the last wires."""
        attributes, inputs, log2 = proposal
        op = op_class(name)(**attributes)
        node = f"n{len(self.nodes):02d}_{name}"
        self.nodes[node] = Node(op, tuple(None if wire is None else wire.name for wire in inputs))
        self.used.update(wire.name for wire in inputs if wire is not None)
        for place, shape in enumerate(op.infer(*(None if wire is None else wire.shape for wire in inputs))):
            wire = f"{node}:{place}" if place else node
            if place in op.constant_outputs:
                self.constants.append(wire)
            else:
                self.wires.append(Wire(wire, shape, log2))
