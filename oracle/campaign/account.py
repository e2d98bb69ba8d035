"""What cases sum up to.  Accounts add up in any order, so that no row has to be kept in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oracle.campaign import evidence
from oracle.campaign.evidence import Coverage
from oracle.judge.sides import SIDES
from oracle.judge.verdict import FAILING, CaseVerdict, TensorVerdict, Verdict

NAMED = 1000  # failing and poisoned cases that are kept by name; the tables hold all of them
POISONED = "poisoned"


@dataclass(frozen=True, slots=True)
class Poisoned:
    """A case without a verdict: it could not be drawn or judged, or its worker died.

    Parameters
    ----------
    case_id : str
        Its name in the campaign.
    reason : str
        What is known, as one line.
    """

    case_id: str
    reason: str
    verdict: str = POISONED


Row = CaseVerdict | Poisoned


@dataclass
class Account:
    """Sums over cases.

    Attributes
    ----------
    verdicts : Counter of str
        Cases by verdict; poisoned ones too, under ``"poisoned"``.
    decided_by : Counter of str
        Judged cases by the step that decided.
    loose_screen : int
        Cases in which the screen forgave what the rule would not.
    tensors : Counter of str
        Tensors by verdict.
    elements : int
        Entries of all tensors.
    worst_error : float
        Largest error of a tensor that agrees, in ulps.
    limits : dict of str to Counter of str
        Per dtype, how often a detection limit of an agreeing tensor was seen, to three digits: so their
        number stays bounded, and quantiles are right to half a per cent.
    coverage : Coverage
        What the cases are evidence for.
    seconds : Counter of str
        Busy seconds by step.
    certified : int
        Cases that agree and were held against the certified truth.
    accuracy : dict of str to Counter of str
        For dtype, op and side, as in ``"float32/softmax/reference"``, how often an error against the
        certified truth was seen, in ulps to two digits.
    failing : list of dict
        The first failing cases: `case`, `verdict`, `op`, `step`, `reason`, `node`, `certificate`.
    poisoned : dict of str to str
        Why the first poisoned cases have no verdict, by case id.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    decided_by: Counter[str] = field(default_factory=Counter)
    loose_screen: int = 0
    tensors: Counter[str] = field(default_factory=Counter)
    elements: int = 0
    worst_error: float = 0.0
    limits: dict[str, Counter[str]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    seconds: Counter[str] = field(default_factory=Counter)
    certified: int = 0
    accuracy: dict[str, Counter[str]] = field(default_factory=dict)
    failing: list[dict[str, Any]] = field(default_factory=list)
    poisoned: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """Number of cases, poisoned ones included."""
        return self.verdicts.total()

    @property
    def compared(self) -> int:
        """Number of cases that have a verdict, whichever."""
        return self.cases - self.verdicts[POISONED]

    @property
    def failures(self) -> int:
        """Number of cases each of which fails the gate, poisoned ones included."""
        return self.verdicts[POISONED] + sum(self.verdicts[v.value] for v in FAILING)

    def add(self, row: Row) -> None:
        """Count one case; what it is evidence for is counted by `coverage.add`."""
        self.verdicts[str(row.verdict)] += 1
        if isinstance(row, Poisoned):
            self.poisoned[row.case_id] = row.reason
            return
        self.decided_by[row.step] += 1
        self.loose_screen += row.loose_screen
        self.certified += row.certified
        for tensor in row.tensors:
            self._add_tensor(row.case_id.partition("/")[0], tensor)
        if row.verdict.fails:
            self.failing.append(
                {
                    "case": row.case_id,
                    "verdict": row.verdict.value,
                    "op": row.op,
                    "step": row.step,
                    "reason": row.reason,
                    "node": row.node,
                    "certificate": dict(row.certificate),
                }
            )

    def _add_tensor(self, dtype: str, tensor: TensorVerdict) -> None:
        self.tensors[tensor.verdict.value] += 1
        self.elements += tensor.elements
        if tensor.verdict is Verdict.AGREE:
            self.worst_error = max(self.worst_error, tensor.error_ulp)
            if tensor.reference_ulp == tensor.reference_ulp:
                for side in SIDES:
                    seen = self.accuracy.setdefault(f"{dtype}/{tensor.op}/{side}", Counter())
                    seen[f"{getattr(tensor, f'{side}_ulp'):.1e}"] += 1
            if tensor.detection_limit == tensor.detection_limit:
                self.limits.setdefault(dtype, Counter())[f"{tensor.detection_limit:.2e}"] += 1

    def book(self, seconds: dict[str, float]) -> None:
        """Add time by step."""
        for step, duration in seconds.items():
            self.seconds[step] += duration  # type: ignore[assignment]

    def merge(self, other: Account) -> None:
        """Add the sums over other cases."""
        for name in ("verdicts", "decided_by", "tensors", "seconds"):
            getattr(self, name).update(getattr(other, name))
        self.loose_screen += other.loose_screen
        self.certified += other.certified
        self.elements += other.elements
        self.worst_error = max(self.worst_error, other.worst_error)
        for dtype, limits in other.limits.items():
            self.limits.setdefault(dtype, Counter()).update(limits)
        for key, errors in other.accuracy.items():
            self.accuracy.setdefault(key, Counter()).update(errors)
        self.coverage.merge(other.coverage)
        self.failing += other.failing
        self.poisoned |= other.poisoned

    def trim(self, order: Callable[[str], Any]) -> None:
        """Keep the first `NAMED` failing and poisoned cases, in order."""
        self.failing = sorted(self.failing, key=lambda row: order(row["case"]))[:NAMED]
        self.poisoned = {case: self.poisoned[case] for case in sorted(self.poisoned, key=order)[:NAMED]}

    def record(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {**vars(self), "coverage": self.coverage.record()}


def read(record: dict[str, Any]) -> Account:
    """The account that `record` came from."""
    account = Account(**{**record, "coverage": evidence.read(record["coverage"])})
    for name in ("verdicts", "decided_by", "tensors", "seconds"):
        setattr(account, name, Counter(record[name]))
    for name in ("limits", "accuracy"):
        setattr(account, name, {key: Counter(seen) for key, seen in record[name].items()})
    return account
