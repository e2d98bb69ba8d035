"""How far a failing tensor of a single node is off, and where: what conditions on a finding ask.

A fault and what it slides into while it is shrunk may fail in the same tensor of the same op; what tells them
apart is the deviation itself.  It is looked at in the shrunk case and in the one that it was shrunk from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate
from oracle.case import Array, Case
from oracle.findings.formula import formula
from oracle.judge.locate import node_cases
from oracle.judge.sides import Clock, run_both
from oracle.judge.tolerance import WIDE, spread
from oracle.numbers.noise import UNIT
from oracle.shrink.canonical import canonical
from oracle.shrink.failure import Failure, named
from reference.op import Op


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
    output : numpy.ndarray
        The reference's first one.
    passed : numpy.ndarray
        By how much entries may differ.
    least : float
        How much more than that an entry must differ by to be off, as a multiple.
    """

    case: Case
    expected: Array
    got: Array
    scale: Array
    output: Array
    passed: Array
    least: float = 1.0

    @property
    def error(self) -> float:
        """The largest error, as a multiple of the unit roundoff times the largest entry of `scale`."""
        with np.errstate(all="ignore"):
            off = np.max(np.abs(self.got.astype(float) - self.expected.astype(float)), initial=0.0)
            return float(off / np.max(np.abs(self.scale), initial=0.0) / self._unit)

    @property
    def ratio(self) -> float:
        """Where it is farthest off: by what the expected number is multiplied; NaN where there is none."""
        if not self.excess.size:
            return math.nan
        place = int(np.argmax(self.excess))
        with np.errstate(all="ignore"):
            return float(np.divide(self.got.flat[place], self.expected.flat[place]))

    @property
    def way(self) -> str:
        """Roughly by what: to nothing (0), a little (1), to another sign (−1), to a multiple (2).

        One fault is hardly ever off by the same number wherever it is seen, and mostly in one of these ways.
        """
        return f"{np.clip(np.rint(self.ratio), -1, 2) + 0.0:.0f}"

    @cached_property
    def excess(self) -> Array:
        """Every entry's difference, over what may pass; what is not finite passes if it is the same."""
        g, got = self.expected.astype(float), self.got.astype(float)
        same = (got == g) | (np.isnan(got) & np.isnan(g))
        finite = np.isfinite(g) & np.isfinite(got)
        with np.errstate(all="ignore"):
            return np.where(same, 0.0, np.where(finite, np.abs(got - g) / self.passed, np.inf))

    @property
    def off(self) -> NDArray[np.bool_]:
        """Entries that differ by more than may pass."""
        return np.asarray(self.excess > self.least)

    def at(self, text: str) -> Array | None:
        """What a formula is where the tensor is off; `None` where it is no number for every entry."""
        array = self._computed(text)
        return None if array is None else array[self.off]

    def has_slope(self, slope: float) -> bool:
        """Whether every entry that is off is the cotangent times this number, to the last bit."""
        y_bar = self._cotangent
        if y_bar is None:
            return False
        product = np.asarray(y_bar.dtype.type(slope) * y_bar)
        return bool(np.array_equal(product[self.off], self.got[self.off], equal_nan=True))

    def gives(self, text: str) -> bool:
        """Whether every entry that is off is a formula, but for its rounding and that of the gradient."""
        value = self.at(text)
        if value is None:
            return False
        got, passed = self.got[self.off].astype(float), self.passed[self.off]
        with np.errstate(all="ignore"):
            rounding = np.maximum(np.where(np.isfinite(passed), passed, 0), WIDE * self._unit * np.abs(value))
            near = np.isfinite(value) & (np.abs(got - value) <= rounding)
        return bool(np.all(near | (got == value) | (np.isnan(got) & np.isnan(value))))

    @property
    def _unit(self) -> float:
        return UNIT[self.case.dtype]

    @property
    def _op(self) -> Op:
        (node,) = self.case.architecture.nodes.values()
        return node.op

    @property
    def _cotangent(self) -> Array | None:
        """That of every entry, where the op is elementwise, but for a reduction at its end."""
        (y_bar,) = self.case.cotangents.values() if len(self.case.cotangents) == 1 else (None,)
        reduction = getattr(self._op, "reduction", "none")
        if y_bar is None or y_bar.shape == self.got.shape or reduction == "none":
            return y_bar if y_bar is not None and y_bar.shape == self.got.shape else None
        share = y_bar / y_bar.dtype.type(self.got.size) if reduction == "mean" else y_bar
        return np.broadcast_to(share, self.got.shape)

    def _mean(self, array: Any) -> Array:
        """Over what is normalised, rounded once; over everything, for a parameter that all of it shares."""
        x, normalized = self.case.leaves["x"], getattr(self._op, "normalized_shape", ())
        axes = tuple(range(x.ndim))
        if normalized:
            axes = axes[-len(normalized) :]
        elif self._op.name == "batch_norm":
            axes = (0, *axes[2:])
        alike = x.shape == self.got.shape
        return np.asarray(np.mean(array, axes if alike else None, np.longdouble, keepdims=alike), x.dtype)

    def _computed(self, text: str) -> Array | None:
        """What a formula is, in the case's dtype, for every entry; `None` where that is nothing."""
        names: dict[str, Any] = {
            **{"nan": np.nan, "tiny": np.finfo(self.case.dtype).tiny, "unit": self._unit},
            **self.case.leaves,
            **{"expected": self.expected, "got": self.got, "output": self.output},
        }
        attributes = {field.name: getattr(self._op, field.name) for field in fields(self._op)}
        numbers = {name: np.nan if value is None else value for name, value in attributes.items()}
        names |= {name: value for name, value in numbers.items() if isinstance(value, float)}
        if self._cotangent is not None:
            names["cotangent"] = self._cotangent
        if "x" in self.case.leaves:
            names["mean"] = self._mean
        try:
            with np.errstate(all="ignore"):
                return np.broadcast_to(np.asarray(formula(text)(names), self.case.dtype), self.got.shape)
        except (KeyError, ValueError):  # no such name; shapes that do not go together
            return None


@dataclass(frozen=True)
class Exhibit:
    """A case, what it shows, and by whom.

    Parameters
    ----------
    case, failure, candidate
        They.
    inside : bool
        Whether it is a node of a network that fails where the node alone does not.
    """

    case: Case
    failure: Failure
    candidate: Candidate
    inside: bool = False

    @cached_property
    def focused(self) -> list[Exhibit]:
        """What conditions are asked of: of a network, every node of the guilty op that is off, alone.

        A network fails where no node does alone: a deviation adds up, and the judge knows the op by putting
        the reference's derivative in its place.  Of each node the tensor of the role that is farthest off.
        Where no node is off by more than its rounding, those that are off at all.
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
                    Exhibit(alone, replace(told, tensor=each), self.candidate, True)
                    for each in sorted(tensors)
                ]
                found.append(max(shown, key=Exhibit.farthest))
        off = [each for each in found if each.deviation and each.deviation.off.any()]
        beyond = [each for each in off if each.deviation and each.deviation.least > 0]
        return beyond or off or [self]

    def farthest(self) -> float:
        """The largest difference, over what may pass."""
        return float(np.max(self.deviation.excess, initial=0.0)) if self.deviation else 0.0

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
                output = next(each for (role, _), each in tensors["reference"].items() if role == "output")
                expected, got, output = (np.asarray(each) for each in (expected, got, output))
                passed = WIDE * spread(case).deviation[key]
                if not self.inside:
                    rounding = np.where(np.isfinite(passed), passed, 0.0)
                    passed = np.maximum(screen(expected, case.dtype), rounding)
                told = Deviation(case, expected, got, flat, output, passed)
                return replace(told, least=0.0) if self.inside and not told.off.any() else told
        return None


def screen(g: Array, dtype: str) -> Array:
    """By how much the screen lets entries differ from a tensor's; see `oracle.judge.tolerance`.

    Among the entries of a node that is off by itself the largest say what is small.  One that is off in a
    network alone may be so in entries that are small beside its others: there each is held against its own
    rounding.  What is not finite says nothing of other entries.
    """
    g = g.astype(float)
    finite = np.isfinite(g)
    with np.errstate(all="ignore"):
        largest = np.max(np.abs(g[finite]), initial=0.0) or 1.0  # whose square may not be a number
        typical = largest * np.sqrt(np.mean((g[finite] / largest) ** 2)) if finite.any() else 0.0
        return np.asarray(WIDE / 6**0.5 * UNIT[dtype] * np.hypot(g, typical))
