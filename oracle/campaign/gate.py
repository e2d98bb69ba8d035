"""The gate: what a campaign's outcome means for the exit code.

| exit | when |
| --- | --- |
| 1 | a case disagrees (`Verdict.fails`) and is no registered finding, or a finding is stale |
| 1 | more cases than recorded are undecided, kinks or vacuous |
| 3 | cases are poisoned: their worker died, or they could not be drawn or judged |
| 4 | too little was compared: no case at all, or too few decisive tensors of an op |
| 0 | else |

Where several hold, the smallest code counts.

**Shares.**  A profile records the share p of cases that may be undecided, kinks or vacuous.  Of n judged
cases, X such ones fail when so many would be next to impossible at that share:

    P(B ≥ X) < 10⁻⁶   for B binomial(n, p),   P(B ≥ X) = I_p(X, n − X + 1),

with I the regularised incomplete beta function.  So a short run does not cry wolf, and a long one allows
little more than the share itself: at p = 5 %, 12 of 50 cases pass, 86 of 1,000 and 5,331 of 100,000.
They are those of the whole profile: a campaign on a few ops (a `where` loses half of its gradients) has
others that nobody recorded, and there the floors alone keep a fault from hiding.

**Floors.**  An op needs at least max(1, ⌈floor × cases that feature it⌉) decisive tensors, so that a fault
cannot hide by making its op's tensors vacuous or undecided; see `oracle.campaign.evidence`.

Source: DLMF, equation 8.17.5 (binomial tail and incomplete beta function).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from scipy.special import betainc

from oracle.campaign.outcome import Outcome
from oracle.generate.profile import load_profile
from oracle.judge.verdict import Verdict

AGREE, DISAGREE, INFRASTRUCTURE, TOO_LITTLE = 0, 1, 3, 4
SHARES = (Verdict.UNDECIDED, Verdict.KINK, Verdict.VACUOUS)
CHANCE = 1e-6  # of a false alarm, per share and run
NOTHING: Mapping[Verdict, int] = MappingProxyType({})


@dataclass(frozen=True)
class Failure:
    """One rule that does not hold.

    Parameters
    ----------
    exit_code : int
        What it means for the exit code.
    subject : str
        The verdict or the op that it is about, or ``"poisoned"`` or ``"cases"``.
    count, allowed : int
        What was found, and the most (for an exit code of 4: the least) that passes.
    message : str
        The same as one line.
    """

    exit_code: int
    subject: str
    count: int
    allowed: int
    message: str


def gate(
    outcome: Outcome, excused: Mapping[Verdict, int] = NOTHING, stale: Sequence[str] = ()
) -> list[Failure]:
    """All rules that do not hold, the worst first.

    Parameters
    ----------
    outcome : Outcome
        What came out of the campaign.
    excused : mapping of Verdict to int
        Failing cases that are registered findings.
    stale : sequence of str
        Findings that this version of torch should show, and does not.
    """
    failures = [
        *_disagreements(outcome, excused),
        *_stale(stale),
        *_shares(outcome),
        *_poisoned(outcome),
        *_too_little(outcome),
    ]
    return sorted(failures, key=lambda failure: failure.exit_code)


def single(outcome: Outcome) -> list[Failure]:
    """The rules that speak of single cases, which are all that can be asked of a shard."""
    return [*_disagreements(outcome, NOTHING), *_poisoned(outcome)]


def exit_code(failures: list[Failure]) -> int:
    """The exit code of the worst failure; 0 where there is none."""
    return min((failure.exit_code for failure in failures), default=AGREE)


def allowed(cases: int, share: float) -> int:
    """The most of `cases` cases that pass where `share` of them is expected."""
    counts = range(cases + 1)
    return bisect_left(counts, True, key=lambda count: tail(count, cases, share) < CHANCE) - 1


def tail(count: int, cases: int, share: float) -> float:
    """P(B ≥ count) for B binomial(cases, share)."""
    if count <= 0:
        return 1.0
    return float(betainc(count, cases - count + 1, share)) if count <= cases else 0.0


def _disagreements(outcome: Outcome, excused: Mapping[Verdict, int]) -> list[Failure]:
    failures = []
    for verdict in Verdict:
        known = excused.get(verdict, 0)
        count = outcome.counts[verdict] - known
        if verdict.fails and count:
            beside = f" beside {known} of registered findings" if known else ""
            message = f"{verdict}: {count} cases{beside}; none is allowed"
            failures.append(Failure(DISAGREE, verdict, count, 0, message))
    return failures


def _stale(findings: Sequence[str]) -> list[Failure]:
    return [
        Failure(DISAGREE, name, 1, 0, f"finding {name}: stale: this version of torch does not show it")
        for name in findings
    ]


def _shares(outcome: Outcome) -> list[Failure]:
    failures: list[Failure] = []
    if outcome.plan.ops:
        return failures
    cases, shares = outcome.compared, load_profile(outcome.plan.profile).shares
    for verdict in SHARES:
        count, share = outcome.counts[verdict], shares.get(verdict, 0.0)
        most = allowed(cases, share)
        if count > most:
            message = f"{verdict}: {count} of {cases} cases; at most {most} fit a share of {share:.3g}"
            failures.append(Failure(DISAGREE, verdict, count, most, message))
    return failures


def _poisoned(outcome: Outcome) -> list[Failure]:
    count = outcome.poisoned
    if not count:
        return []
    case, why = next(iter(outcome.account.poisoned.items()))
    message = f"poisoned: {count} cases have no verdict; {case}: {why}"
    return [Failure(INFRASTRUCTURE, "poisoned", count, 0, message)]


def _too_little(outcome: Outcome) -> list[Failure]:
    if not outcome.compared:
        return [Failure(TOO_LITTLE, "cases", 0, 1, "cases: none was compared")]
    failures = []
    for op in outcome.plan.asked:
        count, least = outcome.coverage.decisive[op], floor(outcome, op)
        if count < least:
            message = f"{op}: {count} decisive tensors; at least {least} are needed: draw more cases"
            failures.append(Failure(TOO_LITTLE, op, count, least, message))
    return failures


def floor(outcome: Outcome, op: str) -> int:
    """Least number of decisive tensors of an op; 0 for one that the campaign does not ask for."""
    if op not in outcome.plan.asked:
        return 0
    share = load_profile(outcome.plan.profile).floor
    return max(1, math.ceil(share * outcome.coverage.featured[op]))
