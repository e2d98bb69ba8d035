"""How far a failing tensor of a single node is off, and where: what conditions on a finding ask.

A fault and what it slides into while it is shrunk may fail in the same tensor of the same op; what tells them
apart is the deviation itself.  It is looked at in the shrunk case and in the one that it was shrunk from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate
from oracle.case import Array, Case
from oracle.judge.locate import node_cases
from oracle.judge.sides import Clock, run_both
from oracle.judge.tolerance import WIDE
from oracle.numbers.noise import UNIT
from oracle.shrink.canonical import canonical
from oracle.shrink.failure import Failure, named


@dataclass(frozen=True)
class Deviation:
    """One tensor, as both sides give it.

    Parameters
    ----------
    case : Case
        A single node.
    expected, got : numpy.ndarray
        The reference's and the candidate's; of equal shapes.
    scale : numpy.ndarray
        What errors are relative to: the cotangents for a gradient, what is expected for an output.
    """

    case: Case
    expected: Array
    got: Array
    scale: Array

    @property
    def error(self) -> float:
        """The largest error, as a multiple of the unit roundoff times the largest entry of `scale`."""
        with np.errstate(all="ignore"):
            off = np.max(np.abs(self.got.astype(float) - self.expected.astype(float)), initial=0.0)
            return float(off / np.max(np.abs(self.scale), initial=0.0) / UNIT[self.case.dtype])

    @cached_property
    def off(self) -> NDArray[np.bool_]:
        """Entries that differ by more than the screen lets pass; see `oracle.judge.tolerance`."""
        g = self.expected.astype(float)
        with np.errstate(all="ignore"):
            passed = WIDE / 6**0.5 * UNIT[self.case.dtype] * np.hypot(g, np.sqrt(np.mean(g**2)))
            return np.asarray(~(np.abs(self.got - g) <= passed))

    def at(self, argument: str) -> Array | None:
        """The entries of an argument where the tensor is off; `None` where the op is not elementwise."""
        array = self.case.leaves.get(argument)
        return array[self.off] if array is not None and array.shape == self.got.shape else None

    def has_slope(self, slope: float) -> bool:
        """Whether every entry that is off is the cotangent times this number, to the last bit."""
        (y_bar,) = self.case.cotangents.values() if len(self.case.cotangents) == 1 else (None,)
        if y_bar is None or y_bar.shape != self.got.shape:
            return False
        product = np.asarray(y_bar.dtype.type(slope) * y_bar)
        return bool(np.array_equal(product[self.off], self.got[self.off], equal_nan=True))


@dataclass(frozen=True)
class Exhibit:
    """A case, what it shows, and by whom.

    Parameters
    ----------
    case, failure, candidate
        They.
    """

    case: Case
    failure: Failure
    candidate: Candidate

    @cached_property
    def focused(self) -> list[Exhibit]:
        """What conditions are asked of: of a network, every node of the guilty op that is off, alone.

        A network fails where no node does alone: a deviation adds up, and the judge knows the op by putting
        the reference's derivative in its place.  Of each node the tensor of the role that is farthest off.
        """
        network, told = self.case.architecture, self.failure
        if len(network.nodes) == 1 or not told.op:
            return [self]
        found = []
        for name, case in node_cases(self.case):
            if network.nodes[name].op.name == told.op:
                alone = canonical(case)
                (node,) = alone.architecture.nodes.values()
                tensors = {named(alone, told.tensor, wire) for wire in node.inputs if wire}
                shown = [
                    Exhibit(alone, replace(told, tensor=each), self.candidate) for each in sorted(tensors)
                ]
                found.append(max(shown, key=lambda each: each.deviation.error if each.deviation else 0.0))
        return [each for each in found if each.deviation and each.deviation.error > 0] or [self]

    @cached_property
    def deviation(self) -> Deviation | None:
        """The failing tensor of both sides; `None` for a network, and where there are no two to compare."""
        case = self.case
        if len(case.architecture.nodes) > 1:
            return None
        tensors, raised, _ = run_both(case, self.candidate, Clock())
        if raised:
            return None
        for key, expected in tensors["reference"].items():
            got = tensors["candidate"].get(key)
            if got is not None and named(case, *key) == self.failure.tensor and got.shape == expected.shape:
                scale = [expected] if key[0] == "output" else case.cotangents.values()
                flat = np.concatenate([np.ravel(array) for array in scale])
                return Deviation(case, np.asarray(expected), np.asarray(got), flat)
        return None
