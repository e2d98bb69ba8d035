"""Plant a fault, and run a campaign on its op until it is caught and blamed.

A case counts where the fault bites.  What fails without the fault, too, proves nothing and is passed
over: torch is wrong in some ops.

The first case that fails has caught it.  Three kinds of cases say too little of the guilty one, and further
cases have to: an `error`, where the fault made NaN or infinities; one in which no node fails by itself
(a small fault may show in the whole network alone, where a later op magnifies it); and one that leaves the
finite numbers before any gradient could bear witness against the reference.  Whatever a case says must be
right: the verdict, and the op if it names a node.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from oracle.campaign.cases import single_thread
from oracle.campaign.limits import Limits
from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.faults import bite, fault
from oracle.faults.fault import Fault, Site
from oracle.faults.tap import repaired
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict, Verdict

SIDES = ("reference", "candidate")
PATIENCE = 120.0  # seconds that a case may take


@dataclass(frozen=True, order=True)
class Task:
    """One fault in one side of one op.

    Parameters
    ----------
    fault, op, side, dtype : str
        What is planted, where.
    seed : int
        Of the campaign.
    cases : int
        The most that are drawn.
    """

    fault: str
    op: str
    side: str
    dtype: str
    seed: int
    cases: int


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Parameters
    ----------
    drawn, bitten : int
        Cases that were drawn, and those of them in which the fault changed something.
    caught : int
        Cases until the first that fails, itself included; 0 if none does.
    size : float
        What the fault changed there: of some tensor, the change relative to its 2-norm.
    verdict, guilty : str
        Verdict and guilty op of the case that tells whose fault it is; empty if there is none.
    wanted : str
        The verdict that the class of fault demands.
    told : bool
        Whether verdict and guilty op are those that they should be.
    case : str
        Identity of that case, and the judge's reason.
    """

    drawn: int = 0
    bitten: int = 0
    caught: int = 0
    size: float = 0.0
    verdict: str = ""
    guilty: str = ""
    wanted: str = ""
    told: bool = False
    case: str = ""

    def record(self) -> dict[str, Any]:
        """As JSON values: an infinite size is null."""
        return {**asdict(self), "size": self.size if np.isfinite(self.size) else None}


def hunt(task: Task) -> Outcome:
    """Run the campaign of a task until its fault is caught and blamed, or its cases are spent."""
    single_thread()
    planted = fault(task.fault)
    trial = Trial(planted, Site(task.op, task.dtype), task.side)
    found = Outcome(wanted=planted.verdicts[task.side])
    limits, profile, bitten, caught, size = Limits(PATIENCE), load_profile(planted.profile), 0, 0, 0.0
    for index in range(task.cases):
        with limits.clock(), np.errstate(all="ignore"):
            case = draw_case(task.seed, task.dtype, index, profile, (task.op,))
            changed = trial.bites(case)
            if changed is None:
                continue
            bitten += 1
            said = trial.judged(case)
            if not said.verdict.fails or trial.fails_anyway(case):
                continue
        if not caught:
            caught, size = index + 1, changed
        found = Outcome(
            index + 1, bitten, caught, size, said.verdict, said.op, found.wanted, trial.told(said),
            f"{case.case_id}: {said.reason}"[:400],
        )  # fmt: skip
        if found.told or trial.contradicted(said):
            return found
    return replace(found, drawn=task.cases, bitten=bitten)


class Trial:
    """One fault, planted in one side.

    Parameters
    ----------
    planted : Fault
        Its class.
    site : Site
        Where.
    side : {"reference", "candidate"}
        In whom.
    """

    def __init__(self, planted: Fault, site: Site, side: str) -> None:
        self.planted, self.site, self.side = planted, site, side
        self.right: Candidate = repaired()
        self.wrong: Candidate = self.right
        if side == "candidate":
            self.wrong, self.right = planted.candidate(site)

    def bites(self, case: Case) -> float | None:
        """What the fault changes in a case; None if nothing."""
        if self.side == "reference":
            return bite.of_reference(self.planted, self.site, case)
        return bite.of_candidate(self.wrong, self.right, case)

    def judged(self, case: Case) -> CaseVerdict:
        """The verdict with the fault."""
        planted = self.planted.reference(self.site) if self.side == "reference" else nullcontext()
        with planted:
            return judge(case, self.wrong, sample=False)

    def fails_anyway(self, case: Case) -> bool:
        """Whether the case fails without the fault."""
        return judge(case, self.right, sample=False).verdict.fails

    def told(self, said: CaseVerdict) -> bool:
        """Whether the verdict is the one that the class demands, and the right op is named."""
        named = not said.node if self.planted.whole else bool(said.node) and said.op == self.site.op
        return said.verdict == self.planted.verdicts[self.side] and named

    def contradicted(self, said: CaseVerdict) -> bool:
        """Whether something else is said than what is so."""
        if said.verdict is Verdict.ERROR:
            return False
        gradients = [tensor.verdict for tensor in said.tensors if tensor.role == "gradient"]
        unheard = Verdict.UNDECIDED in gradients and not any(verdict.fails for verdict in gradients)
        if self.side == "reference" and said.verdict is Verdict.DEFINITION_DIFFERS and unheard:
            return False
        other = bool(said.node) and (self.planted.whole or said.op != self.site.op)
        return said.verdict != self.planted.verdicts[self.side] or other
