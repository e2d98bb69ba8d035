"""Every row of the gate's table, on outcomes made up for it."""

from __future__ import annotations

from collections import Counter

import pytest
from scipy.stats import binom

from oracle.campaign.account import Poisoned
from oracle.campaign.evidence import Coverage
from oracle.campaign.gate import CHANCE, allowed, exit_code, gate, tail
from oracle.campaign.outcome import Outcome
from oracle.campaign.plan import Plan
from oracle.generate.profile import load_profile
from oracle.judge.verdict import CaseVerdict, Verdict
from reference.op import op_names
from tests.oracle.outcomes import made_up

CASES = 1000
SHARES = load_profile("median-small").shares


def outcome(
    verdicts: dict[Verdict, int] | None = None,
    decisive: dict[str, int] | None = None,
    poisoned: int = 0,
    ops: tuple[str, ...] = (),
) -> Outcome:
    """An outcome of `CASES` cases that passes, but for what is given."""
    counts = Counter(verdicts or {})
    counts[Verdict.AGREE] = CASES - poisoned - counts.total()
    judged = [
        CaseVerdict(f"float64/{index}", verdict, "relu", "rounding", ())
        for index, verdict in enumerate(counts.elements())
    ]
    lost = [Poisoned(f"float64/{index}", "its worker died") for index in range(CASES - poisoned, CASES)]
    every = dict.fromkeys(op_names(), 10)
    coverage = Coverage(featured=Counter(every), decisive=Counter({**every, **(decisive or {})}))
    return made_up(Plan(0, CASES, ("float64",), "median-small", ops), [*judged, *lost], coverage)


def subjects(found: Outcome) -> list[tuple[int, str]]:
    return [(failure.exit_code, failure.subject) for failure in gate(found)]


def test_agreement_passes() -> None:
    assert gate(outcome()) == []
    assert exit_code([]) == 0


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict.fails])
def test_a_single_failing_case_is_a_disagreement(verdict: Verdict) -> None:
    found = outcome({verdict: 1})
    assert subjects(found) == [(1, verdict.value)]
    assert gate(found)[0].message == f"{verdict.value}: 1 cases; none is allowed"


@pytest.mark.parametrize("verdict", [Verdict.UNDECIDED, Verdict.KINK, Verdict.VACUOUS])
def test_more_than_the_recorded_share_is_a_disagreement(verdict: Verdict) -> None:
    most = allowed(CASES, SHARES[verdict])
    assert gate(outcome({verdict: most})) == []
    (failure,) = gate(outcome({verdict: most + 1}))
    assert (failure.exit_code, failure.subject) == (1, verdict.value)
    assert (failure.count, failure.allowed) == (most + 1, most)
    assert str(most) in failure.message
    assert str(most + 1) in failure.message


def test_the_recorded_shares_are_those_of_all_ops_together() -> None:
    assert gate(outcome({Verdict.VACUOUS: CASES // 2}, ops=("where",))) == []


def test_a_poisoned_case_is_a_matter_of_infrastructure() -> None:
    assert subjects(outcome(poisoned=1)) == [(3, "poisoned")]
    assert "float64/999: its worker died" in gate(outcome(poisoned=1))[0].message


def test_an_op_below_its_floor_is_too_little() -> None:
    assert gate(outcome(decisive={"relu": 5})) == []
    (failure,) = gate(outcome(decisive={"relu": 4}))
    assert (failure.exit_code, failure.subject, failure.count, failure.allowed) == (4, "relu", 4, 5)
    assert failure.message.startswith("relu: 4 decisive tensors; at least 5 are needed")


def test_an_op_that_no_case_featured_is_too_little_too() -> None:
    found = outcome(decisive={"relu": 0})
    found.coverage.featured["relu"] = 0
    assert subjects(found) == [(4, "relu")]


def test_floors_are_asked_of_the_ops_that_were_asked_for() -> None:
    assert gate(outcome(decisive={"relu": 0}, ops=("tanh",))) == []
    assert subjects(outcome(decisive={"relu": 0}, ops=("relu",))) == [(4, "relu")]


def test_comparing_nothing_is_too_little() -> None:
    assert subjects(Outcome(Plan(0, 1))) == [(4, "cases")]


def test_the_worst_code_counts() -> None:
    everything = outcome({Verdict.CANDIDATE_WRONG: 1}, {"relu": 0}, poisoned=1)
    assert [code for code, _ in subjects(everything)] == [1, 3, 4]
    assert exit_code(gate(everything)) == 1
    assert exit_code(gate(outcome({}, {"relu": 0}, poisoned=1))) == 3


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.15, 1.0])
@pytest.mark.parametrize("cases", [0, 1, 2, 50, 1000, 100_000])
def test_what_is_allowed_is_the_most_that_is_not_next_to_impossible(cases: int, share: float) -> None:
    most = allowed(cases, share)
    assert binom.sf(most - 1, cases, share) >= CHANCE or most == 0
    assert binom.sf(most, cases, share) < CHANCE
    for count in {0, 1, most, most + 1, cases}:
        assert tail(count, cases, share) == pytest.approx(binom.sf(count - 1, cases, share), rel=1e-9)


def test_a_short_run_does_not_cry_wolf() -> None:
    assert allowed(1, 0.05) == 1
    assert allowed(10**7, 0.05) < 0.0505 * 10**7
