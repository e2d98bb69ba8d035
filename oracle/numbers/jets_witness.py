"""The witness: what the forward pass alone says of a gradient.

For a direction ẋ over all leaves, jets give ⟨ȳ, Jẋ⟩ and the gradient gives ⟨x̄, ẋ⟩.  Both are certified
enclosures of the same number, so if they are disjoint, the gradient is not the derivative of the forward
pass, for certain.  That they overlap says something where their radii are small: at most 2⁻⁸⁰ of the sum of
|terms| on either side, or, where both hold 0, of the largest cotangent.  A direction has 64 random bits an
entry, so that no two errors cancel by chance.

Where torch documents a factor between the gradient and the derivative (`Op.documented`), what moves the
input moves by so much less.

Where the function has no derivative along the direction (`jets.py`), there is no witness; nor is a gradient
accused that rests on decisions which balls could not take, and guessed.

A disagreement is narrowed down, by directions that are zero elsewhere, to one leaf and one entry; there the
direction is 1, and what is shown is the partial derivative and the gradient's entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from oracle.numbers.balls import ZERO, BallArray, balls
from oracle.numbers.balls_products import matrix_products
from oracle.numbers.balls_run import Decision, Objects, exact
from oracle.numbers.balls_truth import FIRST, GOAL, LIMIT, Enclosure
from oracle.numbers.jets import JetArray
from oracle.numbers.jets_rules import TURNS, Jets
from reference.architecture import Architecture

WIDE = "a radius misses the goal"
KINK = "not differentiable here"
GUESSED = "the gradient rests on decisions that are ambiguous"
INFINITE = "the directional derivative is not finite"

Directions = Mapping[str, Objects]  # by leaf; leaves that are left out do not move


@dataclass(frozen=True)
class Witness:
    """Both sides of ⟨ȳ, Jẋ⟩ = ⟨x̄, ẋ⟩.

    Parameters
    ----------
    forward, backward : flint.arb
        What jets say, and what the gradient says.
    reason : str
        Why this is no witness, in one line; empty where it is one.
    kinks : int
        Entries at which there was a choice.
    ambiguous : dict of (int, int) to bool
        Comparisons of the forward pass that balls could not decide; numbered as in `Balls`.
    """

    forward: arb
    backward: arb
    reason: str
    kinks: int
    ambiguous: Mapping[Decision, bool]

    @property
    def disagrees(self) -> bool:
        """Whether the gradient is wrong, for certain."""
        return not self.reason and not self.forward.overlaps(self.backward)

    @property
    def agrees(self) -> bool:
        """Whether the gradient is right along the direction, to within the radius goal."""
        return not self.reason and bool(self.forward.overlaps(self.backward))

    def __str__(self) -> str:
        return f"forward {self.forward.str(30)}, backward {self.backward.str(30)}"


@dataclass(frozen=True)
class Disagreement:
    """Where a gradient is not the derivative.

    Parameters
    ----------
    leaf : str
        The leaf.
    entry : tuple of int
        The entry, in a leaf that has one.
    witness : Witness
        Partial derivative and gradient's entry, if `entry` could be told; else the narrowest disagreement.
    """

    leaf: str
    entry: tuple[int, ...] | None
    witness: Witness

    def __str__(self) -> str:
        where = "" if self.entry is None else str(list(self.entry))
        return f"the gradient of {self.leaf}{where} is not the derivative: {self.witness}"


@dataclass(frozen=True, eq=False)
class Hearing:
    """One network and one gradient, about which the forward pass is asked.

    Parameters
    ----------
    architecture : Architecture
        The network.
    leaves, cotangents : mapping of str to numpy.ndarray
        Values by leaf and by output.
    gradients : mapping of str to Enclosure
        The gradient that is claimed.
    dtype : {"float32", "float64"}
        Dtype of the case: that to which attributes are rounded.
    """

    architecture: Architecture
    leaves: Mapping[str, NDArray[Any]]
    cotangents: Mapping[str, NDArray[Any]]
    gradients: Mapping[str, Enclosure]
    dtype: str = "float64"

    def directions(self, seed: int) -> dict[str, Objects]:
        """A random direction: w / 2⁶³ for the raw words w of Philox under the key `seed`, with their sign."""
        words = np.random.Philox(key=seed)
        found = {}
        with ctx.workprec(FIRST):
            for name in sorted(self.gradients):
                shape = self.gradients[name].data.shape
                raw = np.asarray(words.random_raw(math.prod(shape)), np.uint64).view(np.int64)
                found[name] = np.asarray(exact(raw.reshape(shape)) * (arb(2) ** -63), object)
        return found

    def along(self, directions: Directions) -> Witness:
        """Both sides of ⟨ȳ, Jẋ⟩ = ⟨x̄, ẋ⟩, with as many bits as it takes."""
        precision = max((FIRST, *(gradient.precision for gradient in self.gradients.values())))
        while True:
            found = self._along(directions, precision)
            if found.reason != WIDE or 2 * precision > LIMIT:
                return found
            precision *= 2

    def by_leaf(self, seed: int) -> dict[str, Witness]:
        """The same for each leaf that moves, alone: a kink on one leaf's paths is no other leaf's."""
        return {leaf: self.along({leaf: moves}) for leaf, moves in self.directions(seed).items()}

    def disagreements(self, seed: int) -> list[Disagreement]:
        """Leaves whose gradient disagrees along a random direction, each narrowed down to an entry."""
        directions = self.directions(seed)
        witnesses = self.by_leaf(seed)
        return [
            self._narrow(leaf, directions[leaf], witness)
            for leaf, witness in witnesses.items()
            if witness.disagrees
        ]

    def partial(self, leaf: str, entry: int) -> Witness:
        """The same for the derivative by one entry alone, counted in row-major order."""
        return self.along({leaf: _only(np.full(self.gradients[leaf].data.shape, arb(1)), entry, entry + 1)})

    def _narrow(self, leaf: str, direction: Objects, witness: Witness) -> Disagreement:
        """Halve the entries that move; of a sum that disagrees, one half does."""
        start, stop = 0, direction.size
        while stop - start > 1:
            middle = (start + stop) // 2
            for low, high in ((start, middle), (middle, stop)):
                half = self.along({leaf: _only(direction, low, high)})
                if half.disagrees:
                    start, stop, witness = low, high, half
                    break
            else:
                return Disagreement(leaf, None, witness)
        unit = self.partial(leaf, start)
        entry = tuple(int(place) for place in np.unravel_index(start, direction.shape))
        return Disagreement(leaf, entry, unit) if unit.disagrees else Disagreement(leaf, None, witness)

    def _along(self, directions: Directions, precision: int) -> Witness:
        run = Jets(precision, self.dtype)
        with run.arithmetic():
            backward, scale = _inner(
                (self.gradients[leaf].data, direction) for leaf, direction in directions.items()
            )
            forward, other_scale = self._forward(directions, run)
            scale = max(scale, other_scale)
            reason = self._silence([forward, backward], scale)
            others: list[arb] = []
            for turn in range(TURNS, 0, -1) if run.kinks else ():
                if reason:  # which further ways cannot mend
                    break
                others.append(self._forward(directions, Jets(precision, self.dtype, turn=turn))[0])
                reason = self._silence([forward, backward, *others], scale)
            if not reason and not forward.overlaps(backward):
                # ways that differ by less than the goal are one, and so are they and the rule's own
                if run.kinks and (forward - backward).abs_upper() <= GOAL * scale:
                    reason = KINK
                elif run.ambiguous:
                    reason = GUESSED
            return Witness(forward, backward, reason, run.kinks, run.ambiguous)

    def _silence(self, sides: list[arb], scale: arb) -> str:
        """Why nothing follows from these: forward, backward, and forward with other ways taken at kinks."""
        if not all(side.is_finite() for side in sides):
            return INFINITE
        if all(0 in side for side in sides):
            scale = max(scale, self._largest_cotangent)
        if not max(side.rad() for side in sides) <= GOAL * scale:
            return WIDE
        forward, _, *others = sides
        return "" if all(forward.union(other).rad() <= GOAL * scale for other in others) else KINK

    @cached_property
    def _largest_cotangent(self) -> arb:
        entries = np.concatenate([np.abs(y_bar).reshape(-1) for y_bar in self.cotangents.values()])
        return arb(float(np.max(entries, initial=0.0, where=np.isfinite(entries))))

    def _forward(self, directions: Directions, run: Jets) -> tuple[arb, arb]:
        """⟨ȳ, Jẋ⟩ and its scale: the forward pass on jets."""
        values: dict[str, Any] = {}
        for name, array in self.leaves.items():
            moves = BallArray(directions[name], run) if name in directions else None
            values[name] = JetArray(balls(array, run), moves) if array.dtype.kind == "f" else array
        for name in self.architecture.order:
            node = self.architecture.nodes[name]
            inputs: list[Any] = [None if wire is None else values[wire] for wire in node.inputs]
            for place, factor in enumerate(node.op.documented(*inputs)):
                inputs[place] = inputs[place] if factor is None else inputs[place].slowed(*factor)
            outputs = self._outputs(name, inputs, run)
            for wire, y in zip(self.architecture.wires[name], outputs, strict=True):
                values[wire] = y if wire in self.architecture.differentiable else JetArray(y.value)
        return _inner(
            (balls(y_bar, run).data, values[wire].tangent.data)
            for wire, y_bar in self.cotangents.items()
            if values[wire].tangent is not None
        )

    def _outputs(self, name: str, inputs: list[Any], run: Jets) -> Iterable[JetArray]:
        """What a node gives; one whose inputs rest gives the same along all directions, and is run once."""
        op, place = self.architecture.nodes[name].op, (name, run.precision)
        if any(isinstance(x, JetArray) and x.tangent is not None for x in inputs):
            return op.forward(*inputs)[0]
        if place not in self._at_rest:
            before = run.ambiguous.copy()
            outputs = op.forward(*inputs)[0]
            guessed = {key: way for key, way in run.ambiguous.items() if key not in before}
            self._at_rest[place] = [y.value.data for y in outputs], guessed, run.comparisons
        data, guessed, run.comparisons = self._at_rest[place]
        run.ambiguous.update(guessed)
        return [JetArray(BallArray(entries, run)) for entries in data]

    @cached_property
    def _at_rest(self) -> dict[tuple[str, int], tuple[list[Objects], dict[Decision, bool], int]]:
        """By node and precision: outputs, decisions that were guessed, number of comparisons up to here."""
        return {}


def _only(direction: Objects, start: int, stop: int) -> Objects:
    """The direction at the entries `start` … `stop` − 1 in row-major order, and 0 elsewhere."""
    part = np.full(direction.size, ZERO, object)
    part[start:stop] = direction.reshape(-1)[start:stop]
    return part.reshape(direction.shape)


def _inner(pairs: Iterable[tuple[Objects, Objects]]) -> tuple[arb, arb]:
    """Inner product, and the sum of the terms' magnitudes; a term with an exact 0 is left out."""
    total, scale = ZERO, ZERO
    for left, right in pairs:
        product = matrix_products(left.reshape(1, -1), right.reshape(-1, 1)).item()
        with np.errstate(invalid="ignore", over="ignore"):  # looked at in the next line
            size = float(np.dot(_floats(left), _floats(right)))
        if not product.is_finite() or not 0 < size < math.inf:
            terms = [x * y for x, y in zip(left.flat, right.flat, strict=True) if not (x == 0 or y == 0)]
            product, size = sum(terms, ZERO), sum((abs(term.mid()) for term in terms), ZERO)
        total += product
        scale += size
    return total, scale.mid()


def _floats(data: Objects) -> NDArray[np.float64]:
    """|midpoints|, rounded to floats: their use is a scale."""
    return np.abs(np.asarray(np.frompyfunc(float, 1, 1)(data.reshape(-1)), np.float64))
