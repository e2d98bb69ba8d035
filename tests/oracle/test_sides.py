"""The clock of a case: every lap is booked to one step, and pauses to none."""

from __future__ import annotations

import pytest

from oracle.judge import sides
from oracle.judge.sides import Clock


def test_laps_add_up_step_by_step_and_pauses_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([10.0, 11.0, 13.0, 100.0, 104.0, 104.5])
    monkeypatch.setattr(sides.time, "perf_counter", lambda: next(ticks))
    clock = Clock()
    clock.lap("reference")
    clock.lap("candidate")
    clock.resume()  # 87 seconds of pause
    clock.lap("reference")
    clock.lap("screen")
    assert clock.seconds == {"reference": 1.0 + 4.0, "candidate": 2.0, "screen": 0.5}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("two\n lines", "ValueError: two lines"),
        ("x" * 1000, f"ValueError: {'x' * 300}"),
        ("", "ValueError: "),
    ],
)
def test_what_an_exception_says_is_one_line_of_bounded_length(text: str, told: str) -> None:
    assert sides.one_line(ValueError(text)) == told


def test_an_exception_whose_message_raises_is_told_all_the_same() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert sides.one_line(MuteError()) == "MuteError: its message cannot be printed"
