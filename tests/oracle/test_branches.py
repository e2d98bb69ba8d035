"""How far straddled decisions may move a tensor."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from oracle.judge.branches import MAX_FLIPS, Branches

KEY = ("gradient", "x")


def run(*centre: float, straddled: int = 0) -> Any:
    decisions = {(0, entry): True for entry in range(straddled)}
    return SimpleNamespace(centre={KEY: np.array(centre)}, straddled=decisions)


def reach(straddled: int, *runs: Any) -> float:
    truth: Any = SimpleNamespace(enclosures=SimpleNamespace(ambiguous={}))
    return Branches(truth, {}, run(1.0, -2.0, straddled=straddled), {})._reach(KEY, list(runs))


def test_few_decisions_move_an_entry_by_no_more_than_all_of_them_alone_together() -> None:
    assert reach(2, run(1.5, -2.0), run(1.0, -2.25)) == 0.75
    assert reach(2, run(1.0, -2.0), run(1.0, -2.0)) == 0
    assert reach(1, run(np.nan, -2.0)) == np.inf


def test_what_many_decisions_move_at_all_may_be_anywhere() -> None:
    many = MAX_FLIPS + 1
    assert reach(many, run(1.0, -2.0), run(1.0, -2.0 - 2.0**-50)) == np.inf
    assert reach(many, run(1.0, -2.0), run(1.0, -2.0)) == 0
