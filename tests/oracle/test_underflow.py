"""Cotangents that underflow in another order of operations are no fault; what is wrong otherwise is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.judge.judge import judge
from oracle.judge.underflow import LIFT, at_stake, lifted
from oracle.judge.verdict import Verdict
from oracle.numbers.noise import SMALLEST
from tests.oracle.planted import TORCH, Planted, Reference, case, node

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])
SOFT = {"y": node("cross_entropy_soft", "x", "t", "w")}


def vanishing(dtype: str, cotangent: float) -> Any:
    """Torch multiplies the cotangent by the weight, ½, before the logarithm of 2⁻²⁰⁴⁸."""
    leaves = {"x": [2048.0, 0.0], "t": [0.0, 0.0], "w": [0.0, 0.5]}
    return case(dtype, leaves, SOFT, {"y": cotangent}, states=("w",))


@BOTH
def test_a_product_of_the_cotangent_that_underflows_is_undecided(dtype: str) -> None:
    said = judge(vanishing(dtype, SMALLEST[dtype]), TORCH)
    assert said.verdict is Verdict.UNDECIDED
    assert "it underflows" in said.reason


@BOTH
def test_a_fault_that_larger_cotangents_show_too_is_not_excused(dtype: str) -> None:
    def wrong(outputs: Any, grads: Any) -> None:
        grads["t"] = grads["t"] * 2 + 1000 * SMALLEST[dtype]

    assert judge(vanishing(dtype, SMALLEST[dtype]), Planted(wrong)).verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_cotangents_are_lifted_by_a_power_of_two_far_above_the_subnormals(dtype: str) -> None:
    network = vanishing(dtype, 3 * SMALLEST[dtype])
    (before,), (after,) = network.cotangents.values(), lifted(network).cotangents.values()
    assert after.dtype == dtype
    assert np.frexp(np.float64(after) / LIFT[dtype])[0] == np.frexp(np.float64(before))[0]
    assert after == np.float64(before) * LIFT[dtype]
    assert after > 2.0**40 * np.finfo(dtype).tiny


@BOTH
def test_underflow_may_cost_all_gradients_of_tiny_cotangents_and_else_the_tiny_ones(dtype: str) -> None:
    large, small = np.array([1.0, 0.0]), np.array([3 * SMALLEST[dtype], 0.0])
    given = vanishing(dtype, 3 * SMALLEST[dtype]), vanishing(dtype, 1.0), vanishing(dtype, 0.0)
    reference = {("gradient", "t"): small, ("gradient", "x"): large, ("output", "y"): small}
    candidate = reference | {("gradient", "x"): small}
    for network, stake in zip(given, ({"t", "x"}, {"t"}, {"t"}), strict=True):
        assert at_stake(network, reference, candidate) == {("gradient", name) for name in stake}


def subnormal_weight(dtype: str) -> Any:
    """The weight, of some 2⁻¹³² or 2⁻¹⁰⁵⁵, makes the cotangent tiny inside of the op."""
    leaves = {"x": [[0.25, 0.25, 0.25]], "w": [4e5 * SMALLEST[dtype]] * 3}
    nodes = {"y": node("layer_norm", "x", "w", normalized_shape=(3,), eps=1e-6)}
    return case(dtype, leaves, nodes, {"y": [[-0.0167, 0.5, 0.3]]})


@BOTH
def test_a_gradient_that_underflows_for_a_tiny_factor_in_the_network_is_undecided(dtype: str) -> None:
    def early(outputs: Any, grads: Any) -> None:  # a product that lost its last digits, times r³ x²
        grads["x"] += [[2e8 * SMALLEST[str(grads["x"].dtype)], 0, 0]]

    said = judge(subnormal_weight(dtype), Planted(early))
    assert said.verdict is Verdict.UNDECIDED
    assert "it underflows" in said.reason


@BOTH
def test_a_tiny_gradient_that_is_wrong_at_every_size_is_not_excused(dtype: str) -> None:
    def doubled(outputs: Any, grads: Any) -> None:
        grads["x"] = grads["x"] * 2

    assert judge(subnormal_weight(dtype), Planted(doubled)).verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_a_product_with_a_power_of_two_that_underflows_to_zero_decides_nothing(dtype: str) -> None:
    """Half of the smallest number is 0, and the slope of |x| there another than on its side."""
    nodes = {"h": node("gelu", "x", approximate="none"), "y": node("abs", "h")}
    halved = case(dtype, {"x": [-SMALLEST[dtype], 0.5]}, nodes, {"y": [1.0, 1.0]})
    assert not judge(halved, Reference(), certify=True).verdict.fails
