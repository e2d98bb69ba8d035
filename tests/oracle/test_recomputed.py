"""Residuals rounded apart: what cancels in the reference alone is noise, and nothing else becomes noisier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.case import Case
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge import tolerance
from oracle.judge.judge import judge
from oracle.judge.tolerance import spread
from oracle.judge.verdict import Verdict
from oracle.numbers.noise import Noise
from oracle.numbers.recomputed import recomputed
from oracle.numbers.stochastic import noisy
from reference.backprop import forward_pass
from tests.oracle.planted import TORCH, case, node

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])


def scaled_and_normalised(dtype: str) -> Case:
    """The derivative by w[1] all but vanishes, since batch_norm divides by it.

    Torch makes the group (5, 5) a tiny number where the reference has 0.
    """
    nodes = {
        "g": node("group_norm", "x", "w", num_groups=1),
        "y": node("batch_norm", "g", training=True),
    }
    x = [[0.0, 0.0], [0.0, 1.0], [5.0, 5.0]]
    return case(dtype, {"x": x, "w": [0.0, 1.0]}, nodes, {"y": [[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]})


@BOTH
def test_an_implementation_that_computes_a_residual_in_another_way_is_not_wrong(dtype: str) -> None:
    """In float32 nothing is left of the gradient, on either side, and nobody vouches for it."""
    said = judge(scaled_and_normalised(dtype), TORCH)
    expected = Verdict.AGREE if dtype == "float64" else Verdict.UNDECIDED
    assert said.verdict is expected, said.reason


@BOTH
def test_other_gradients_hardly_become_noisier(dtype: str, monkeypatch: Any) -> None:
    ratios = []
    for index in range(60):
        drawn = draw_case(44, dtype, index, load_profile("median-small"))
        with_them = spread(drawn).deviation
        with monkeypatch.context() as patch:
            patch.setattr(tolerance, "recomputed", lambda forward: forward)
            without = spread(drawn).deviation
        for key in with_them:
            size = float(np.max(without[key], initial=0.0))
            if key[0] == "gradient" and 0 < size < np.inf:
                ratios.append(float(np.max(with_them[key])) / size)
    assert len(ratios) > 100
    assert 0.99 < np.median(ratios) < 1.01
    assert np.quantile(ratios, 0.95) < 1.5


@BOTH
def test_rows_change_places_from_node_to_node_and_the_first_and_the_hashed_ones_never(dtype: str) -> None:
    nodes = {"a": node("tanh", "x"), "b": node("tanh", "a"), "c": node("tanh", "b")}
    chain = case(dtype, {"x": [0.3, 0.7]}, nodes, {"c": [1.0, 1.0]})
    noise = Noise(dtype, 4, 4)
    before = forward_pass(chain.architecture, {"x": noisy(chain.leaves["x"], noise)})
    after = recomputed(before)
    assert after.values is before.values
    for name, places in (("a", 0), ("b", 1), ("c", 2)):
        kept, moved = before.residuals[name].data, after.residuals[name].data
        np.testing.assert_array_equal(moved[0], kept[0])
        np.testing.assert_array_equal(moved[5:], kept[5:])
        np.testing.assert_array_equal(moved[1:5], np.roll(kept[1:5], -places, axis=0))
