"""Outcomes made up for tests, and the rows of outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.campaign.account import Account, Row
from oracle.campaign.evidence import Coverage
from oracle.campaign.outcome import Outcome
from oracle.campaign.part import encode, read
from oracle.campaign.plan import Plan


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
