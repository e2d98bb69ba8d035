"""The certificate of a failing tensor: its worst entry, the truth there, and what each side says."""

from __future__ import annotations

import re

import numpy as np
import pytest

from oracle.judge.certificate import certificate
from oracle.judge.truth import Truth
from reference.backprop import gradients
from tests.oracle.planted import case, node

CASE = case(
    "float64",
    {"x": [[0.3, -1.7, 0.9], [1.1, 0.2, -0.6]]},
    {"y": node("tanh", "x")},
    {"y": [[1.25, 0.7, -0.4], [0.9, -1.1, 0.3]]},
)
RIGHT = gradients(CASE.architecture, CASE.leaves, CASE.cotangents)[1]["x"]


@pytest.mark.parametrize("entry", [(0, 0), (0, 2), (1, 1)])
@pytest.mark.parametrize("side", [0, 1])
def test_the_entry_that_is_farthest_off_is_shown_with_its_truth_and_both_sides(
    entry: tuple[int, int], side: int
) -> None:
    sides = [RIGHT.copy(), RIGHT.copy()]
    sides[side][entry] += 0.5
    sides[1 - side][1, 2] += 0.25  # less far off
    found = certificate(("gradient", "x"), Truth(CASE, {}), "heard", *sides)
    assert (found["role"], found["name"], found["entry"]) == ("gradient", "x", list(entry))
    for name, said in zip(("reference", "candidate"), sides, strict=True):
        assert float(found[name]) == float.fromhex(found[f"{name}_hex"]) == said[entry]
    middle = float(re.match(r"\[?([-+.e\d]+)", found["truth"])[1])  # type: ignore[index]
    exact = CASE.cotangents["y"][entry] * (1 - np.tanh(CASE.leaves["x"][entry]) ** 2)
    assert middle == pytest.approx(exact, rel=1e-12)
    assert found["precision"] >= 64
    assert found["witness"] == "heard"


def test_a_scalar_has_one_entry_and_an_empty_tensor_none_that_is_off() -> None:
    scalar = case("float64", {"x": 0.3}, {"y": node("tanh", "x")}, {"y": 1.25})
    right = gradients(scalar.architecture, scalar.leaves, scalar.cotangents)[1]["x"]
    found = certificate(("gradient", "x"), Truth(scalar, {}), "", right, np.asarray(right + 1))
    assert found["entry"] == []
    assert float(found["candidate"]) == right + 1
