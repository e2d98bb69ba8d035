"""From a failing case to the smallest one that fails in the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from oracle.candidates.protocol import Candidate
from oracle.case import Case, dumps
from oracle.judge.judge import judge
from oracle.judge.locate import node_cases
from oracle.judge.verdict import CaseVerdict, Verdict
from oracle.shrink import networks, sizes, values
from oracle.shrink.canonical import canonical
from oracle.shrink.cost import cost
from oracle.shrink.draft import Draft
from oracle.shrink.failure import Failure, failures
from reference.backprop import forward_pass
from reference.op import Op

BUDGET = 3000  # judgements
PASSES: tuple[Callable[[Case], Iterator[Draft]], ...] = (
    networks.fewer_outputs,
    networks.earlier_outputs,
    networks.cut_below,
    networks.cut_above,
    networks.bypassed,
    networks.fewer_inputs,
    sizes.smaller,
    sizes.divided,
    sizes.fewer_axes,
    values.in_float64,
    values.plain_layouts,
    values.simpler_attributes,
    values.attributes_with_sizes,
    values.simpler_values,
)


class State(NamedTuple):
    """Where a shrinker is; what follows depends on this alone.

    Attributes
    ----------
    case : Case
        The smallest case so far.
    failure : Failure
        What it shows, and what smaller ones must show.
    position : int
        The pass that comes next.
    idle : int
        Passes in a row that found nothing; all of them: done.
    judged : int
        Judgements so far.
    """

    case: Case
    failure: Failure
    position: int = 0
    idle: int = 0
    judged: int = 0

    @property
    def done(self) -> bool:
        """Whether no pass finds anything smaller."""
        return self.idle >= len(PASSES)


class NothingToShrinkError(ValueError):
    """The case does not fail."""


@dataclass
class Shrinker:
    """Shrinks failing cases.

    **Goal.**  A case that fails in the same way (`Failure`: verdict, guilty side, guilty op, failing tensor,
    and for an error its message), and is the smallest in shortlex order (`Cost`): fewest nodes first, then
    leaves, outputs (a node's first wire before its others), entries, axes, attributes at defaults, contiguous
    arrays, float64, values of few bits.

    **Jump.**  The judge names the node that fails by itself.  It becomes the case, which nearly always
    replaces the whole reduction of the network.  Where no node fails by itself (cotangents of a fan-out
    that are not added, tied weights) the network is reduced, and must go on to fail without a guilty node.

    **Descent.**  `PASSES` propose smaller cases, from the largest jump to the smallest; the first proposal
    that costs less and fails in the same way is taken, and the pass starts again from it.  The passes take
    turns until none finds anything.  Every step lowers the cost, which is well-founded, so this ends; the
    case is then minimal against every single proposal, not against all cases.

    **Networks.**  Cutting puts the reference's own values and cotangents where the cut is.  What no output
    needs any more falls away.  What does not fit together is no proposal: the network's validation says so.
    A node's first wire is tried in the place of a later one, which would keep the entries of those before it.

    **Sizes.**  Which axes belong together is not known beforehand: axes of one size are cut together, all
    subsets of them, and the network infers whether the rest fits; sizes in attributes are tried both as they
    are and replaced.  Along an axis entries are dropped as in delta debugging.  Where a kernel fits with its
    padding alone, sizes are cut and attributes are changed in one step.  An attribute need not get simpler
    for it, for entries come first: a kernel for both axes becomes one for each, and gets padding.

    **Domain.**  From a case whose outputs are finite no other is proposed: what a candidate does where there
    is nothing to compute (a window of padding alone) is another fault, and may end the process.

    **Judging.**  `judge` without its search for a node decides; where there is a network, a node is looked
    for in what is about to be taken.  No proposal is judged twice.

    **Budget.**  Counted in judgements and not in seconds, so that the result is the same everywhere.
    A `State` holds all that the rest depends on: a shrinker that is interrupted goes on from the last one
    that it gave, and arrives at the same case.

    Parameters
    ----------
    candidate : Candidate
        The side that is put beside the reference.
    budget : int
        Judgements, after which the smallest case so far must do.
    held : bool
        Whether dtype and attributes stay: with simpler ones, another fault of the op may fail alike.
    """

    candidate: Candidate
    budget: int = BUDGET
    held: bool = False
    _refused: set[bytes] = field(default_factory=set)
    _judged: int = 0

    def start(self, case: Case, said: CaseVerdict | None = None) -> list[State]:
        """Where to begin: a state for every way in which the case fails, the gravest first.

        Parameters
        ----------
        case : Case
            The case.
        said : CaseVerdict, optional
            The verdict on it, where it is known; its tensors may be missing where it names a node.

        Raises
        ------
        NothingToShrinkError
            If the case does not fail.
        """
        if said and said.node and not said.tensors:
            states = self._alone(replace(case, origin=None), said)
            if any(state.failure.verdict is said.verdict for state in states):
                return states
            said = None  # the node does not show it here: the whole case has to
        said = said or judge(case, self.candidate, sample=False)
        if not said.verdict.fails:
            raise NothingToShrinkError(f"the case does not fail: {said.verdict}")
        case = replace(case, origin=None)
        states = self._alone(case, said) if said.node else []
        if not any(state.failure.verdict is said.verdict for state in states):
            states = [State(case, failure) for failure in failures(case, said)[:1]] + states
        return states

    def _alone(self, case: Case, said: CaseVerdict) -> list[State]:
        """The nodes that fail by themselves, the guilty one first; of each, all tensors that fail.

        In another layout only where none does in its own: what is no leaf has lost the one that it had.
        """
        return next(filter(None, (self._alone_as(case, said, layout) for layout in ("", "transposed"))), [])

    def _alone_as(self, case: Case, said: CaseVerdict, layout: str) -> list[State]:
        found: dict[tuple[str, Failure], State] = {}
        for dtype in dict.fromkeys((case.dtype, "float64")):
            told = [(name, canonical(alone)) for name, alone in node_cases(case.astype(dtype), layout)]
            for name, alone in sorted(told, key=lambda node: node[0] != said.node):
                verdict = judge(alone, self.candidate, sample=False, locate=False)
                if (verdict.verdict is Verdict.ERROR) != (said.verdict is Verdict.ERROR):
                    continue  # an error is found again as one
                for failure in failures(alone, verdict):
                    found.setdefault((name, failure), State(alone, failure))
        return sorted(
            found.values(),
            key=lambda state: (state.failure.verdict is not said.verdict, state.failure.op != said.op),
        )

    def steps(self, state: State) -> Iterator[State]:
        """Smaller and smaller cases; the last one is done, or the budget is spent."""
        while not state.done and state.judged < self.budget:
            self._judged = state.judged
            smaller = self._smaller(state.case, state.failure, PASSES[state.position])
            if smaller is not None:
                state = state._replace(case=smaller, idle=0, judged=self._judged)
            else:
                position, idle = (state.position + 1) % len(PASSES), state.idle + 1
                spent = self._judged >= self.budget
                state = state._replace(
                    position=state.position if spent else position,
                    idle=state.idle if spent else idle,
                    judged=self._judged,
                )
            yield state

    def run(self, state: State) -> State:
        """The last of `steps`, its names put in order."""
        for last in self.steps(state):
            state = last
        return state._replace(case=canonical(state.case))

    def _smaller(
        self, case: Case, failure: Failure, proposals: Callable[[Case], Iterator[Draft]]
    ) -> Case | None:
        """The first proposal that costs less and fails in the same way."""
        spent, finite = cost(case), _is_finite(case)
        for draft in proposals(case):
            smaller = draft.case()
            if smaller is None or cost(smaller) >= spent or (finite and not _is_finite(smaller)):
                continue
            if self.held and not (smaller.dtype == case.dtype and _ops(smaller) <= _ops(case)):
                continue
            if self._judged >= self.budget:
                return None
            if self.fails_alike(smaller, failure):
                return smaller
        return None

    def fails_alike(self, case: Case, failure: Failure) -> bool:
        """Whether a case shows a failure."""
        mark = hashlib.sha256(f"{failure} {dumps(case)}".encode()).digest()
        if mark in self._refused:
            return False
        self._judged += 1
        said = judge(case, self.candidate, sample=False, locate=False)
        single = len(case.architecture.nodes) == 1
        if not single and (said.verdict.fails or (failure.op and said.verdict is Verdict.UNDECIDED)):
            said = judge(case, self.candidate, sample=False)
        alike = failure in failures(case, said)
        if not alike:
            self._refused.add(mark)
        return alike


def _ops(case: Case) -> set[Op]:
    """The ops of a network, with their attributes."""
    return {node.op for node in case.architecture.nodes.values()}


def _is_finite(case: Case) -> bool:
    """Whether the reference computes finite outputs."""
    try:
        with np.errstate(all="ignore"):
            values = forward_pass(case.architecture, case.leaves).values
    except Exception:  # what the reference refuses may be the failure
        return False
    return all(np.isfinite(values[wire]).all() for wire in case.architecture.outputs)


def difference(before: Case, after: Case) -> str:
    """Both sizes, in a line."""
    old, new = cost(before), cost(after)
    names = ("nodes", "leaves", "outputs", "elements")
    return ", ".join(f"{name} {getattr(old, name):,} → {getattr(new, name):,}" for name in names)
