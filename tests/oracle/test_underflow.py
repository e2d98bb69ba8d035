"""Cotangents that underflow in another order of operations are no fault; what is wrong otherwise is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.judge.judge import judge
from oracle.judge.underflow import lifted
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
    assert "the cotangents underflow" in said.reason


@BOTH
def test_a_fault_that_larger_cotangents_show_too_is_not_excused(dtype: str) -> None:
    def wrong(outputs: Any, grads: Any) -> None:
        grads["t"] = grads["t"] * 2 + 1000 * SMALLEST[dtype]

    assert judge(vanishing(dtype, SMALLEST[dtype]), Planted(wrong)).verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_cotangents_are_lifted_by_a_power_of_two_and_only_where_an_output_has_none_but_tiny_ones(
    dtype: str,
) -> None:
    tiny = vanishing(dtype, 3 * SMALLEST[dtype])
    larger = lifted(tiny)
    assert larger is not None
    (before,), (after,) = tiny.cotangents.values(), larger.cotangents.values()
    assert after.dtype == dtype
    assert after == np.ldexp(np.float64(before), 96)
    assert lifted(larger) is None
    assert lifted(vanishing(dtype, 0.0)) is None


@BOTH
def test_a_product_with_a_power_of_two_that_underflows_to_zero_decides_nothing(dtype: str) -> None:
    """Half of the smallest number is 0, and the slope of |x| there another than on its side."""
    nodes = {"h": node("gelu", "x", approximate="none"), "y": node("abs", "h")}
    halved = case(dtype, {"x": [-SMALLEST[dtype], 0.5]}, nodes, {"y": [1.0, 1.0]})
    assert not judge(halved, Reference(), certify=True).verdict.fails
