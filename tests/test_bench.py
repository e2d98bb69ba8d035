"""The tables of the chapter's claims print; what they say is a measurement, and no test."""

from __future__ import annotations

import pytest

from bench import backward, millions


def test_the_cost_of_a_backward_pass_is_printed_for_every_size(capsys: pytest.CaptureFixture[str]) -> None:
    backward.table(1, ((8, 4), (4, 4), (4, 2)))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line[:1].isdecimal()] == [
        ["8,", "4"],
        ["4,", "4"],
        ["4,", "2"],
    ]
    assert sum(line.startswith("batch ") for line in lines) == 2


@pytest.mark.parametrize("name", millions.SIDES)
def test_either_side_of_the_big_network_can_be_measured(name: str) -> None:
    found = millions.side(name, "float32", (8, 16, 4))
    assert found["seconds"] > 0
    assert found["bytes"] >= 0
