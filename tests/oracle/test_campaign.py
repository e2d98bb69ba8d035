"""Campaigns: the same inputs give the same outcome, and nothing is lost without being counted."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.campaign import cases as campaign
from oracle.campaign.gate import exit_code, gate
from oracle.campaign.outcome import Outcome, collect
from oracle.campaign.plan import CHUNK, Plan, chunk_hash, merkle_root
from oracle.judge.verdict import CaseVerdict, Verdict
from tests.oracle.candidates import Raising, Scaled
from tests.oracle.outcomes import made_up, rows

PLAN = Plan(seed=3, cases=20, profile="median-small")
outcomes = st.lists(
    st.tuples(st.integers(0, 99).map("float64/{}".format), st.sampled_from(Verdict), st.sampled_from("abc")),
    max_size=6,
)
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=20)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return collect(PLAN)


def test_two_runs_give_equal_identities(outcome: Outcome) -> None:
    again = collect(PLAN)
    assert again.identity == outcome.identity
    assert again.plan.identity == outcome.plan.identity


def test_another_seed_gives_another_campaign_and_outcome(outcome: Outcome) -> None:
    plan = replace(PLAN, seed=4)
    assert plan.identity != PLAN.identity
    other = collect(plan)
    assert other.coverage != outcome.coverage
    assert other.identity != outcome.identity
    agreeing = [
        made_up(
            replace(PLAN, seed=seed, cases=1, dtypes=("float64",)),
            [CaseVerdict("float64/0", Verdict.AGREE, "", "screen", ())],
        )
        for seed in (0, 1)
    ]
    assert agreeing[0].identity != agreeing[1].identity  # though all their verdicts are equal


@pytest.mark.parametrize(
    "change", [{"ops": ("relu",)}, {"profile": "default"}, {"cases": 21}, {"dtypes": ("float64",)}]
)
def test_another_input_gives_another_campaign(change: dict[str, object]) -> None:
    assert replace(PLAN, **change).identity != PLAN.identity  # type: ignore[arg-type]


def test_the_order_of_ops_and_dtypes_means_nothing() -> None:
    one = Plan(ops=("relu", "add"), dtypes=("float32", "float64"))
    two = Plan(ops=("add", "relu", "add"), dtypes=("float64", "float32"))
    assert one == two
    assert one.identity == two.identity


@pytest.mark.parametrize("cases", [1, CHUNK, 2 * CHUNK + 1])
@pytest.mark.parametrize("dtypes", [("float64",), ("float64", "float32")])
def test_the_chunks_are_all_the_cases(cases: int, dtypes: tuple[str, ...]) -> None:
    plan = Plan(cases=cases, dtypes=dtypes)
    chunks = [plan.chunk(number) for number in range(plan.units)]
    found = [(dtype, index) for dtype, indices in chunks for index in indices]
    assert set(found) == {(dtype, index) for dtype in dtypes for index in range(cases)}
    assert len(found) == plan.requested
    assert sorted(found, key=lambda case: plan.order(f"{case[0]}/{case[1]}")) == found
    for start in range(plan.units):
        for stop in range(start, plan.units + 1):
            assert plan.sized(range(start, stop)) == sum(len(indices) for _, indices in chunks[start:stop])


# --- the tree of outcomes ---


@given(hashes, st.data())
def test_any_change_of_a_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    root = merkle_root(leaves)
    if leaves:
        place = data.draw(st.integers(0, len(leaves) - 1))
        assert merkle_root([*leaves[:place], b"another leaf".ljust(32), *leaves[place + 1 :]]) != root
        assert merkle_root(leaves[:-1]) != root
    assert merkle_root([*leaves, *(leaves[-1:] or [b"a leaf".ljust(32)])]) != root


@given(outcomes, outcomes)
def test_chunks_have_equal_hashes_only_where_their_outcomes_are_equal(
    one: list[tuple[str, str, str]], two: list[tuple[str, str, str]]
) -> None:
    assert (chunk_hash(one) == chunk_hash(two)) == (one == two)


def test_a_leaf_cannot_pass_for_a_node() -> None:
    a, b = chunk_hash([("0:float64/0", "agree", "")]), chunk_hash([])
    assert a == hashlib.sha256(b"\0" + b"0:float64/0\tagree\t\n").digest()
    assert b == hashlib.sha256(b"\0").digest()
    assert bytes.fromhex(merkle_root([a, b])) == hashlib.sha256(b"\1" + a + b).digest()
    assert (
        bytes.fromhex(merkle_root([a, b, a]))
        == hashlib.sha256(b"\1" + hashlib.sha256(b"\1" + a + b).digest() + a).digest()
    )


# --- what goes wrong ---


def test_a_wrong_candidate_fails_the_gate(outcome: Outcome) -> None:
    assert outcome.counts[Verdict.CANDIDATE_WRONG] < 0.1 * PLAN.requested  # torch's own, registered
    found = collect(PLAN, candidate=Scaled())
    assert exit_code(gate(found)) == 1
    assert found.counts[Verdict.CANDIDATE_WRONG] > 0.7 * PLAN.requested
    assert found.identity != outcome.identity
    assert found.candidate == "scaled"


def test_a_side_that_raises_is_an_error_that_shows_both_messages() -> None:
    found = collect(replace(PLAN, cases=2), candidate=Raising())
    assert exit_code(gate(found)) == 1
    assert [row["verdict"] for row in rows(found)] == [Verdict.ERROR] * 4
    assert rows(found)[0]["reason"] == "reference: computed; candidate: RuntimeError: no such kernel"


def test_a_case_that_cannot_be_drawn_is_poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    right = campaign.draw_case

    def drawing(seed: int, dtype: str, index: int, *rest: object) -> object:
        if index == 3:
            raise ValueError("out of\nideas")
        return right(seed, dtype, index, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign, "draw_case", drawing)
    found = collect(PLAN)
    assert found.account.poisoned == {f"{dtype}/3": "ValueError: out of ideas" for dtype in PLAN.dtypes}
    assert found.compared == PLAN.requested - 2
    assert [f.exit_code for f in gate(found) if f.subject == "poisoned"] == [3]


def test_the_first_case_of_a_process_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "_started", [])
    found = collect(replace(PLAN, cases=2))
    assert found.start_seconds > 0
    assert campaign.START not in found.seconds
    assert {"draw", "reference", "candidate", "screen", "count"} <= found.seconds.keys()
