"""What the forward pass alone says of the reference's gradients.

Jets know no rule of the reference (`oracle.numbers.jets`), so their testimony is independent.  They are
heard on one random direction over all leaves; where that says nothing (a kink lies in the way), on each
leaf alone.

Not moved are leaves whose gradient is, by documentation, not the derivative (`Op.differentiates`): an
embedding gives its padding row none.  There the op's file states what binds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oracle.case import Case
from oracle.numbers.balls_truth import Enclosure
from oracle.numbers.jets_witness import Hearing

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
    """

    refuted: Mapping[str, str]
    told: str


def hear(case: Case, gradients: Mapping[str, Enclosure]) -> Testimony:
    """Hold the gradients that the reference's rules give against its forward pass.

    Parameters
    ----------
    case : Case
        The case.
    gradients : mapping of str to Enclosure
        The reference's gradients on balls, by leaf.
    """
    hearing = Hearing(case.architecture, case.leaves, case.cotangents, gradients, case.dtype)
    if not hearing.movable:
        return Testimony({}, "none: no gradient is meant to be the derivative")
    whole = hearing.along(hearing.directions(DIRECTION))
    if whole.agrees:
        return Testimony({}, f"the enclosures agree: {whole}")
    found = hearing.disagreements(DIRECTION)
    if not found:
        return Testimony({}, f"none: {whole.reason or whole}")
    refuted = {each.leaf: f"the enclosures are disjoint: {each}" for each in found}
    return Testimony(refuted, next(iter(refuted.values())))
