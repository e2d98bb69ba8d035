"""Cotangents that underflow in another order of operations are no fault; what is wrong otherwise is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from oracle.candidates.protocol import Result
from oracle.judge.judge import judge
from oracle.judge.underflow import LIFT, lifted
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


def questions(network: Any, **largest: float) -> list[tuple[dict[str, float], set[str]]]:
    """By how much each cotangent is lifted, and for which gradients, all entries of which are so large."""
    tensors = {("gradient", name): np.array([value, 0.0]) for name, value in largest.items()}
    told = []
    for larger, stake in lifted(network, tensors.keys(), tensors, tensors):
        before, after = network.cotangents, larger.cotangents
        assert {array.dtype for array in after.values()} == {np.dtype(network.dtype)}
        told.append(
            ({w: float(np.float64(after[w]) / np.float64(before[w])) for w in before}, {k[1] for k in stake})
        )
    return told


@BOTH
def test_tiny_cotangents_are_lifted_alone_and_all_of_them_for_tiny_gradients(dtype: str) -> None:
    nodes = {"y": node("exp", "x"), "e": node("exp", "v")}
    tiny, lift = 3 * SMALLEST[dtype], LIFT[dtype]
    assert tiny * lift > 2.0**40 * np.finfo(dtype).tiny
    beside = case(dtype, {"x": 0.5, "v": 0.7}, nodes, {"y": 1.0, "e": tiny})
    normal = case(dtype, {"x": 0.5, "v": 0.7}, nodes, {"y": 1.0, "e": 0.5})
    assert questions(beside, x=1.0, v=1.0) == [({"y": 1, "e": lift}, {"v"})]
    assert questions(normal, x=1.0, v=1.0) == []
    assert questions(normal, x=tiny, v=1.0) == [({"y": lift, "e": lift}, {"x"})]
    assert questions(normal, x=0.0, v=1.0) == []


@BOTH
def test_what_is_added_to_a_gradient_is_not_excused_by_a_tiny_cotangent_beside_it(dtype: str) -> None:
    def stale(outputs: Any, grads: Any) -> None:  # where paths add, what was there before is not cleared
        if len(outputs) > 1:
            grads["w"] += 0.1

    nodes = {"f": node("exp", "w"), "y": node("multiply", "w", "f"), "e": node("exp", "v")}
    tied = case(dtype, {"w": [0.9], "v": [0.7]}, nodes, {"y": [1.1], "e": [3 * SMALLEST[dtype]]})
    assert judge(tied, Planted(stale)).verdict is Verdict.CANDIDATE_WRONG


@BOTH
@pytest.mark.parametrize("what", [None, "text", np.array(["a"])])
def test_what_cannot_be_compared_is_not_asked_how_small_it_is(dtype: str, what: Any) -> None:
    said = judge(subnormal_weight(dtype), Planted(lambda outputs, grads: grads.update(x=what)))
    assert said.verdict is Verdict.ERROR
    assert "the judge" not in said.reason


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


def early_weight(network: Any, leaves: Any, cotangents: Any) -> Result:
    """Layer normalisation that multiplies by the weight before it divides by the deviation."""
    x, w = (torch.tensor(leaves[name], requires_grad=True) for name in ("x", "w"))
    centred = x - x.mean(-1, keepdim=True)
    y = centred * w / torch.sqrt((centred * centred).mean(-1, keepdim=True) + 1e-6)
    grads = torch.autograd.grad(y, (x, w), torch.tensor(cotangents["y"]))
    return Result({"y": y.detach().numpy()}, {"x": grads[0].numpy(), "w": grads[1].numpy()})


@BOTH
def test_an_output_near_the_subnormals_is_no_definition(dtype: str) -> None:
    network = subnormal_weight(dtype)
    network.leaves["x"][...] = [[0.25, 0.2501, 0.2503]]
    said = judge(network, early_weight, locate=False)
    assert not said.verdict.fails
    network.leaves["w"][...] = 0.5
    assert judge(network, early_weight, locate=False).verdict is Verdict.AGREE
    assert judge(network, Planted(doubled_output), locate=False).verdict is Verdict.DEFINITION_DIFFERS


def doubled_output(outputs: Any, grads: Any) -> None:
    outputs["y"] = outputs["y"] * 2
