"""Failing cases, each shrunk, put together so that one fault makes one group."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from oracle.campaign.isolated import script_of
from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.findings.deviation import Exhibit
from oracle.findings.register import Finding
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict, Verdict
from oracle.shrink.failure import Failure, named
from oracle.shrink.shrinker import NothingToShrinkError, Shrinker, State

CASES = 100  # new failing cases of a campaign that are shrunk


class Shown(NamedTuple):
    """What tells two faults apart that are alike in all else; see `grouped`."""

    tensor: str
    way: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Shrunk:
    """A failing case, shrunk.

    Parameters
    ----------
    case_id : str
        The case that was drawn.
    case : Case
        What is left of it.
    failure : Failure
        What it shows.
    finding : Finding, optional
        The one that covers it.
    failing, agreeing : frozenset of str
        Tensors of the guilty node that fail, and that agree, before anything is shrunk.
    said : CaseVerdict, optional
        The verdict on what is left.
    script : str
        The same for those who have torch alone.
    error : float
        The largest error before and after, as conditions on findings have it; 0 where there is no number.
    way, gives : str
        How what is left is off; and what torch gives both before and after, a formula.  Empty for unknown.
    """

    case_id: str
    case: Case
    failure: Failure
    finding: Finding | None = None
    failing: frozenset[str] = frozenset()
    agreeing: frozenset[str] = frozenset()
    said: CaseVerdict | None = None
    script: str = ""
    error: float = 0.0
    way: str = ""
    gives: str = ""

    @property
    def mark(self) -> tuple[Any, ...]:
        """What two cases have in common that show the same fault, but for the tensor that fails."""
        network, told = self.case.architecture, self.failure
        nodes = [network.nodes[name] for name in network.order]
        return (
            *(told.verdict, told.op, told.side, told.kind, self.case.dtype),
            self.finding and self.finding.id,
            tuple(node.op.name for node in nodes),
            tuple(
                sorted((node.op.name, *_attribute(node.op, f)) for node in nodes for f in _unusual(node.op))
            ),
            tuple(sorted({layout for layout in self.case.layouts.values() if layout != "contiguous"})),
        )

    @property
    def shown(self) -> Shown:
        """The tensor that fails, in which way, and the kinds of numbers that it takes."""
        kinds = frozenset().union(*(_kinds(array) for array in self.case.leaves.values()))
        return Shown(self.failure.tensor, "" if self.finding else self.way, kinds)


@dataclass
class Group:
    """Cases that show one fault.

    Attributes
    ----------
    members : list of Shrunk
        They; the first one stands for all.
    """

    members: list[Shrunk] = field(default_factory=list)

    @property
    def first(self) -> Shrunk:
        """The one that stands for all."""
        return self.members[0]

    @property
    def finding(self) -> Finding | None:
        """The registered finding; `None` for a new fault."""
        return self.first.finding

    @property
    def told(self) -> str:
        """What fails, in a few words."""
        failure = self.first.failure
        nodes = self.first.case.architecture.nodes.values()
        where = failure.op or " and ".join(sorted({node.op.name for node in nodes}))
        return f"{failure.verdict}, {failure.tensor or failure.kind} of {where}"


def examine(
    cases: Iterable[tuple[str, Case]], candidate: Candidate, register: Iterable[Finding]
) -> Iterator[Shrunk]:
    """Shrink failing cases, and look them up in the register; without those that do not fail."""
    register, shrinker = tuple(register), Shrinker(candidate)
    for case_id, case in cases:
        if shrunk := looked_up(case_id, case, shrinker, register):
            yield shrunk


def looked_up(
    case_id: str, case: Case, shrinker: Shrinker, register: Sequence[Finding], said: CaseVerdict | None = None
) -> Shrunk | None:
    """Shrink a failing case, and look it up in the register.

    A case may fail in several tensors, or at several nodes.  It is one of a finding only where *each* of
    these, shrunk, is one: else the first that is not stands for it.

    Parameters
    ----------
    case_id, case
        The case that was drawn.
    shrinker : Shrinker
        What shrinks it; for many cases one, which remembers what it refused.
    register : sequence of Finding
        Known disagreements.
    said : CaseVerdict, optional
        The verdict on it, where it is known; see `Shrinker.start`.

    Returns
    -------
    Shrunk, optional
        `None` where the case, drawn again, does not fail: nothing is excused.
    """
    try:
        states = shrinker.start(case, said)
    except NothingToShrinkError:
        return None
    known: Shrunk | None = None
    for state in states:
        shrunk = _shrunk(case_id, state, shrinker, register)
        known = known or shrunk
        if shrunk.finding is None:
            return shrunk
    return known


def _shrunk(case_id: str, state: State, shrinker: Shrinker, register: Sequence[Finding]) -> Shrunk:
    candidate = shrinker.candidate
    start = Exhibit(state.case, state.failure, candidate)

    def run(shrinker: Shrinker) -> tuple[State, Exhibit, Finding | None]:
        last = shrinker.run(state)
        shown = Exhibit(last.case, last.failure, candidate)
        return last, shown, next((each for each in register if each.covers(shown, start)), None)

    last, shown, finding = run(shrinker)
    if finding is None:  # with simpler attributes it may have become another known fault of the op
        held = run(replace(shrinker, held=True))
        last, shown, finding = held if held[-1] else (last, shown, finding)
    told = judge(last.case, candidate, sample=True)
    text = script_of(last.case, told, candidate)
    failing, agreeing = frozenset({state.failure.tensor}), frozenset[str]()
    if len(state.case.architecture.nodes) == 1:
        said = judge(state.case, candidate, sample=False, locate=False)
        failing |= {
            named(state.case, tensor.role, tensor.name) for tensor in said.tensors if tensor.verdict.fails
        }
        agreeing = frozenset(
            named(state.case, tensor.role, tensor.name)
            for tensor in said.tensors
            if tensor.verdict is Verdict.AGREE
        )
    return Shrunk(
        case_id, last.case, last.failure, finding, failing, agreeing, told, text, **_off(shown, start)
    )


def _off(shown: Exhibit, start: Exhibit) -> dict[str, Any]:
    """How far and in which way tensors are off, of what conditions are asked of."""
    found = [each.deviation for exhibit in (shown, start) for each in exhibit.focused if each.deviation]
    if not found:
        return {}
    error = max((each.error for each in found if math.isfinite(each.error)), default=0.0)
    gives = f"{found[0].ratio!r} * expected"
    held = math.isfinite(found[0].ratio) and all(each.gives(gives) for each in found)
    return {"error": error, "way": found[0].way, "gives": gives if held else ""}


def grouped(shrunk: Iterable[Shrunk]) -> list[Group]:
    """Put cases together that show one fault.

    Alike in all but the tensor that fails, two cases show one fault where these tensors fail together
    whenever both are there to fail: where one of them ever agrees beside the other, they are two faults.
    In one tensor, cases that need other kinds of numbers (0, 1, any, NaN) show two faults, and so do those
    that are off in another way (sign, multiple, nothing left).  Tensors that fail together may each be off in
    a way of its own; where one is off in several ways, those that are off alike go together.
    """
    kinds: dict[tuple[Any, ...], list[Shrunk]] = {}
    for each in shrunk:
        kinds.setdefault(each.mark, []).append(each)
    groups = []
    for alike in kinds.values():
        for tensors in _components(list(dict.fromkeys(each.shown for each in alike)), partial(_one, alike)):
            groups.append(Group([each for each in alike if each.shown in tensors]))
    return groups


def _one(alike: list[Shrunk], one: Shown, two: Shown) -> bool:
    """Whether two tensors that fail are one fault's."""
    a, b = one.tensor, two.tensor
    seen = a != b and any({a, b} <= each.failing for each in alike)
    apart = any(x in each.failing and y in each.agreeing for each in alike for x, y in ((a, b), (b, a)))
    ways = {each.shown[:2] for each in alike if each.shown.tensor in (a, b)}
    return seen and not apart and (one.way == two.way or len(ways) == 2)


def _components(names: list[Shown], together: Callable[[Shown, Shown], bool]) -> list[set[Shown]]:
    components: list[set[Shown]] = []
    for name in names:
        joined = [each for each in components if any(together(name, other) for other in each)]
        components = [each for each in components if each not in joined] + [{name}.union(*joined)]
    return components


def _unusual(op: Any) -> list[Any]:
    return [f for f in fields(op) if getattr(op, f.name) != f.default]


def _attribute(op: Any, f: Any) -> tuple[str, str]:
    """An attribute that is not at its default: a word by its value, a number by being one."""
    value = getattr(op, f.name)
    return f.name, str(value) if isinstance(value, str | bool) or value is None else type(value).__name__


def _kinds(array: Any) -> set[str]:
    """What kinds of numbers an array holds."""
    if array.dtype.kind != "f":
        return set()
    flat = np.abs(array.ravel())
    kinds = {"nan": np.isnan(flat), "inf": np.isinf(flat), "zero": flat == 0, "one": flat == 1}
    told = {name for name, those in kinds.items() if those.any()}
    other = ~np.any(list(kinds.values()), axis=0)
    return told | ({"other"} if other.any() else set())
