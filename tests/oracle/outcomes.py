"""Outcomes made up for tests, and the rows of outcomes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from oracle.campaign.account import Account, Row
from oracle.campaign.evidence import Coverage
from oracle.campaign.outcome import Outcome
from oracle.campaign.part import encode, read
from oracle.campaign.plan import Plan
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from tests.oracle.candidates import Poisonous

KINDS = ("kill", "hang", "memory")


def made_up(plan: Plan, rows: Sequence[Row], coverage: Coverage | None = None) -> Outcome:
    """The outcome whose cases are these, in order."""
    account = Account(coverage=coverage or Coverage())
    for row in rows:
        account.add(row)
    account.trim(plan.order)
    part, _, _ = read(encode(plan, range(plan.units), rows, account, {}, {}))
    return Outcome(plan, account, [part])


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Every case of an outcome, in the order of the plan's chunks."""
    return [row for part in outcome.parts for row in part.table().to_pylist()]


def poisonous(plan: Plan, cases: list[tuple[str, int]]) -> tuple[Poisonous, dict[str, str]]:
    """A candidate that is poisoned by these cases, and the kind of each of them."""
    kinds = {f"{dtype}/{index}": KINDS[place % 3] for place, (dtype, index) in enumerate(cases)}
    networks = [
        draw_case(plan.seed, dtype, index, load_profile(plan.profile), plan.ops).architecture.identity
        for dtype, index in cases
    ]
    return Poisonous(tuple(zip(networks, kinds.values(), strict=True))), kinds


def without(outcome: Outcome, cases: Collection[str]) -> list[tuple[str, str]]:
    """Id and verdict of every case that is none of these."""
    return [(row["case"], row["verdict"]) for row in rows(outcome) if row["case"] not in cases]
