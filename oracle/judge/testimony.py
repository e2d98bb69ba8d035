"""What the forward pass alone says of the reference's gradients.

Jets know no rule of the reference (`oracle.numbers.jets`), so their testimony is independent.  They are
heard on one random direction over all leaves; where that says nothing (a kink lies in the way), on each
leaf alone; and where that says nothing either, on the entries in which the sides differ most.

The sum over paths needs no derivative, and has a witness of its own: each wire's cotangent is the sum of the
shares that the rules give it, added up here once more (`chain.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from oracle.case import Case
from oracle.judge.chain import not_summed
from oracle.numbers.balls_truth import Enclosure
from oracle.numbers.jets_witness import Disagreement, Hearing

DIRECTION = 20  # key of the random direction: any will do, but it must be the same again


@dataclass(frozen=True)
class Testimony:
    """What the jets say.

    Parameters
    ----------
    refuted : dict of str to str
        Leaves whose gradient is certainly not the derivative, and both enclosures.
    told : str
        One line for the certificate.
    agrees : bool
        Whether they bear the gradients out, over all leaves.
    """

    refuted: Mapping[str, str]
    told: str
    agrees: bool = False


def hear(case: Case, gradients: Mapping[str, Enclosure]) -> Testimony:
    """Hold the gradients that the reference gives against its forward pass, and against its rules.

    Parameters
    ----------
    case : Case
        The case.
    gradients : mapping of str to Enclosure
        The reference's gradients on balls, by leaf.
    """
    unsummed = not_summed(case, gradients)
    if unsummed:
        return Testimony(unsummed, next(iter(unsummed.values())))
    hearing = Hearing(case.architecture, case.leaves, case.cotangents, gradients, case.dtype)
    whole = hearing.along(hearing.directions(DIRECTION))
    if whole.agrees:
        return Testimony({}, f"the enclosures agree: {whole}", True)
    found = hearing.disagreements(DIRECTION)
    if not found:
        return Testimony({}, f"none: {whole.reason or whole}")
    refuted = {each.leaf: f"the enclosures are disjoint: {each}" for each in found}
    return Testimony(refuted, next(iter(refuted.values())))


def hear_of(case: Case, gradients: Mapping[str, Enclosure], leaf: str, entries: Iterable[int]) -> Testimony:
    """What they say of single entries of the gradient of a leaf.

    Parameters
    ----------
    case, gradients
        As in `hear`.
    leaf : str
        The leaf.
    entries : iterable of int
        Entries in row-major order; the first at which the function has a derivative tells.
    """
    hearing = Hearing(case.architecture, case.leaves, case.cotangents, gradients, case.dtype)
    for entry in entries:
        witness = hearing.partial(leaf, entry)
        if witness.reason:
            continue
        index = tuple(int(axis) for axis in np.unravel_index(entry, gradients[leaf].data.shape))
        if witness.disagrees:
            why = f"the enclosures are disjoint: {Disagreement(leaf, index, witness)}"
            return Testimony({leaf: why}, why)
        return Testimony({}, f"the enclosures agree at {list(index)}: {witness}", True)
    return Testimony({}, "")
