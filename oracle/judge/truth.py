"""The truth about a case, with a proof, and each side held against it.

Three things make the proof:

- the reference on balls (`oracle.numbers.balls`) encloses the true outputs, and the gradients that its
  rules give in exact arithmetic;
- jets (`oracle.numbers.jets`), which run the *forward* code alone and know no rule of the reference,
  enclose a directional derivative by another way: where the two enclosures are disjoint, the reference's
  rules are not the derivative of its forward pass;
- otherwise the enclosure is the truth g*, and each side is held against the stochastic bound around g*,
  with k = 64, since another algorithm may round worse than the reference without being wrong.

Where a straddled decision was met, every branch pattern has a truth of its own (`branches.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Key, keyed, shrunk
from oracle.judge.sides import SIDES
from oracle.judge.testimony import Testimony, hear
from oracle.judge.tolerance import Spread, outside
from oracle.judge.verdict import Verdict
from oracle.numbers.balls_truth import Certificate, Enclosure, certified
from oracle.numbers.noise import Decision

Array = NDArray[Any]
Floats = NDArray[np.float64]
Tensors = Mapping[Key, Array]


@dataclass(frozen=True)
class Enclosures:
    """Enclosures of all tensors of a case, for one way that its decisions fall.

    Attributes
    ----------
    tensors : dict of (str, str) to Enclosure
        By role and name.
    unreached : dict of (str, str) to str
        Tensors whose enclosure is no truth, and why.
    ambiguous : dict of (int, int) to bool
        Decisions that no precision takes, and the way they went.
    precision : int
        Bits.
    proof : Certificate
        What they are taken from.
    """

    tensors: dict[Key, Enclosure]
    unreached: dict[Key, str]
    ambiguous: Mapping[Decision, bool]
    precision: int
    proof: Certificate


class Finding(NamedTuple):
    """What was found of a tensor, at which step, and why."""

    verdict: Verdict
    step: str
    reason: str = ""


@dataclass(frozen=True)
class Truth:
    """The true outputs and gradients of a case.

    Parameters
    ----------
    case : Case
        The case.
    holes : mapping of (str, str) to numpy.ndarray
        Entries that are left out, since neither side is finite there.
    """

    case: Case
    holes: Mapping[Key, NDArray[np.bool_]]

    @cached_property
    def enclosures(self) -> Enclosures:
        """Enclosures of all outputs and gradients, all decisions taken as they truly fall."""
        return self.branch({})

    def branch(self, forced: Mapping[Decision, bool]) -> Enclosures:
        """Enclosures with some decisions forced."""
        case = self.case
        proof = certified(case.architecture, case.leaves, case.cotangents, case.dtype, forced)
        tensors = keyed(proof.outputs, proof.gradients)
        open_ = {key: why for key, tensor in tensors.items() if (why := self._open(proof, key, tensor))}
        return Enclosures(tensors, open_, proof.ambiguous, proof.precision, proof)

    def _open(self, proof: Certificate, key: Key, tensor: Enclosure) -> str:
        """Why an enclosure is no truth; empty where it is one."""
        if key[1] in proof.wide:
            return f"at {proof.precision} bits the true value is not known well enough"
        unknown = int(np.count_nonzero(~tensor.finite & ~self.holes.get(key, np.False_)))
        return f"the true value of {unknown} entries is not finite" if unknown else ""

    @cached_property
    def testimony(self) -> Testimony:
        """What jets say of the reference's gradients."""
        return hear(self.case, self.enclosures.proof.gradients)

    def error(self, key: Key, side: Array, enclosures: Enclosures) -> tuple[Floats, Floats]:
        """A side's error, as far as it is certain, and the truth, rounded.

        Entries where neither side is finite are left out, as 0.
        """
        tensor, hole = enclosures.tensors[key], self.holes.get(key, np.False_)
        with np.errstate(invalid="ignore", over="ignore"):
            off = shrunk((np.asarray(side, np.float64) - tensor.high) - tensor.low, tensor.gap)
        return np.where(hole, 0.0, off), np.where(hole, 0.0, tensor.high)

    def excesses(
        self, key: Key, sides: Mapping[str, Tensors], noise: Spread, floor: float, enclosures: Enclosures
    ) -> dict[str, float]:
        """How far either side is off the truth, as a multiple of the wide bound around it."""
        found = {}
        for side, tensors in sides.items():
            error, truth = self.error(key, tensors[key], enclosures)
            found[side] = outside(error, truth, noise.deviation[key], floor)
        return found


def blame(
    truth: Truth,
    keys: list[Key],
    sides: Mapping[str, Tensors],
    noise: Spread,
    floors: Mapping[Key, float],
) -> dict[Key, Finding]:
    """Hold each side against the truth, in the tensors that rounding did not explain.

    Parameters
    ----------
    truth : Truth
        What the case should give.
    keys : list of (str, str)
        The tensors.
    sides : mapping of str to mapping
        Tensors of the reference and of the candidate.
    noise : Spread
        The spread of the reference.
    floors : mapping of (str, str) to float
        See `tolerance.explain`.

    Returns
    -------
    dict
        A finding for every tensor; that the reference's rules are not the derivative of its forward pass
        comes before all else.
    """
    enclosures = truth.enclosures
    found: dict[Key, Finding] = {}
    for key in keys:
        why = enclosures.unreached.get(key)
        if why:
            found[key] = Finding(Verdict.UNDECIDED, "truth", why)
            continue
        off = truth.excesses(key, sides, noise, floors[key], enclosures)
        found[key] = _accused(key, off)
    return one_function(found) | refuted(truth)


def refuted(truth: Truth) -> dict[Key, Finding]:
    """The gradients that the jets refute; none where they have nothing to say."""
    return {
        ("gradient", leaf): Finding(Verdict.REFERENCE_WRONG, "truth", why)
        for leaf, why in truth.testimony.refuted.items()
    }


def _accused(key: Key, off: Mapping[str, float]) -> Finding:
    told = [
        (side, f"the {side} is {off[side]:.3g} times as far off the truth as rounding may take it")
        for side in SIDES
        if off[side] > 1
    ]
    if not told:
        return Finding(Verdict.AGREE, "truth")
    return Finding(wrong(told[0][0], key), "truth", "; ".join(why for _, why in told))


def wrong(side: str, key: Key) -> Verdict:
    """The verdict on a tensor in which this side is wrong."""
    if side == "reference":
        return Verdict.REFERENCE_WRONG
    return Verdict.DEFINITION_DIFFERS if key[0] == "output" else Verdict.CANDIDATE_WRONG


def one_function(found: dict[Key, Finding]) -> dict[Key, Finding]:
    """Where an output differs, the sides compute two functions, and the candidate's gradients may differ."""
    if not any(finding.verdict is Verdict.DEFINITION_DIFFERS for finding in found.values()):
        return found
    return {
        key: finding._replace(verdict=Verdict.DEFINITION_DIFFERS)
        if finding.verdict is Verdict.CANDIDATE_WRONG
        else finding
        for key, finding in found.items()
    }
