"""Training on digits: what is judged can fail, and the command says what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examples import digits
from examples.train import main

few = {"every": 48}


def test_a_step_that_is_wrong_by_a_billionth_is_beyond_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    right = digits.torch_descent
    monkeypatch.setattr(digits, "torch_descent", lambda leaves, rate: right(leaves, rate * (1 + 1e-9)))
    records = list(islice(digits.train(**few), 3))
    assert records[0].beyond == ()
    assert records[1].beyond == ("w1", "b1", "w2", "b2")


def test_one_entry_that_is_off_is_beyond_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    right = digits.torch_descent

    def wrong(leaves: Mapping[str, Any], rate: float) -> Iterator[tuple[float, dict[str, Any]]]:
        for loss, theta in right(leaves, rate):
            moved = theta["w1"].copy()
            moved[3, 20] *= 1 + 2.0**-40
            yield loss, {**theta, "w1": moved}

    monkeypatch.setattr(digits, "torch_descent", wrong)
    assert [record.beyond for record in islice(digits.train(**few), 2)] == [("w1",)] * 2


def test_the_digits_are_all_there_and_none_is_learnt_that_is_held_out() -> None:
    learnt, others = digits.digits()
    assert len(learnt["t"]) + len(others["t"]) == 1797
    assert len(others["t"]) == digits.HELD_OUT
    assert learnt["x"].min() == 0
    assert learnt["x"].max() == 1
    assert np.unique(learnt["t"]).tolist() == list(range(10))


def test_the_command_prints_what_it_found_and_draws_the_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = digits.train
    monkeypatch.setattr("examples.train.train", lambda: right(**few))
    file = tmp_path / "new" / "curve.svg"
    assert main(["--steps", "5", "--svg", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "gradients  at the same θ: 36 of 36 tensors agree" in out
    assert "beyond it after 0 steps" in out
    assert out.endswith(f"curve      {file}\nPASS\n")
    assert err == ""  # the bar is for a terminal
    assert "<svg" in file.read_text()


def test_a_difference_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right, descent = digits.train, digits.torch_descent
    monkeypatch.setattr(digits, "torch_descent", lambda leaves, rate: descent(leaves, rate * (1 + 1e-9)))
    monkeypatch.setattr("examples.train.train", lambda: right(**few))
    assert main(["--steps", "2", "--svg", str(tmp_path / "curve.svg")]) == 1
    assert capsys.readouterr().out.endswith("FAIL\n")


def test_a_curve_that_cannot_be_written_is_told_before_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--svg", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"python -m examples.train: {tmp_path}: Is a directory\n"
