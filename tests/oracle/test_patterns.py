"""Branch patterns and the wide bound: they excuse what they explain, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oracle.case import Case
from oracle.judge.judge import judge
from oracle.judge.tolerance import spread
from oracle.judge.verdict import CaseVerdict, TensorVerdict, Verdict
from oracle.numbers.noise import UNIT
from reference.op import op_class
from tests.oracle.planted import TORCH, Planted, case, node

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])
EQUAL = 41  # numbers whose mean float32 and float64 round, each library in its own way


def gradient(said: CaseVerdict, leaf: str) -> TensorVerdict:
    return next(each for each in said.tensors if (each.role, each.name) == ("gradient", leaf))


def scaling(leaf: str, factor: float) -> Planted:
    def fault(outputs: Any, grads: Any) -> None:
        grads[leaf] *= grads[leaf].dtype.type(factor)

    return Planted(fault)


def nothing(leaf: str, rows: int, rng: np.random.Generator, dtype: str) -> tuple[Any, dict[str, Any]]:
    """Rows of equal numbers, and nodes that take their mean off: what is left, z…, is rounding."""
    values = np.repeat(rng.normal(size=(rows, 1)).astype(dtype), EQUAL, axis=1)
    nodes = {
        f"m{leaf}": node("mean", leaf, dim=(1,)),
        f"e{leaf}": node("select", leaf, dim=1, index=0),
        f"z{leaf}": node("subtract", f"e{leaf}", f"m{leaf}"),
    }
    return values, nodes


def one(dtype: str, seed: int, rows: int, more: Callable[[np.random.Generator], Any]) -> Case:
    """A case with `za`, which is rounding alone, and further leaves, nodes and cotangents."""
    rng = np.random.default_rng(seed)
    a, nodes = nothing("a", rows, rng, dtype)
    leaves, others, y_bar = more(rng)
    return case(dtype, {"a": a, **leaves}, nodes | others, y_bar)


# --- the wide bound ---------------------------------------------------------------------------


def beside_a_cancellation(dtype: str, c: float) -> Case:
    """√(x − x + c): exact in the reference and in torch; with operands rounded apart it may be anything."""
    nodes = {
        "d": node("subtract", "x", "x"),
        "s": node("add", "d", "c"),
        "r": node("sqrt", "s"),
        "y": node("multiply", "r", "w"),
    }
    rng = np.random.default_rng(0)
    leaves = {"x": rng.normal(size=5) + 2, "c": c * (1 + rng.random(5)), "w": rng.normal(size=5)}
    return case(dtype, leaves, nodes, {"y": rng.normal(size=5)})


@pytest.mark.parametrize(("dtype", "c"), [("float64", 1e-13), ("float32", 1e-7)])
@pytest.mark.parametrize("factor", [1 + 2.0**-10, -1.0, 100.0])
def test_a_bound_wider_than_the_gradient_explains_no_fault(dtype: str, c: float, factor: float) -> None:
    said = judge(beside_a_cancellation(dtype, c), scaling("c", factor), locate=False)
    assert gradient(said, "c").verdict in (Verdict.UNDECIDED, Verdict.CANDIDATE_WRONG)
    assert judge(beside_a_cancellation(dtype, c), scaling("c", factor)).verdict.fails
    assert gradient(judge(beside_a_cancellation(dtype, c), TORCH), "c").verdict is Verdict.AGREE


def test_what_the_wide_bound_alone_explains_has_its_detection_limit() -> None:
    said = judge(beside_a_cancellation("float32", 1e-4), scaling("c", 1 + 2.0**-10), locate=False)
    found = gradient(said, "c")
    assert found.verdict is Verdict.AGREE
    assert found.detection_limit > 2.0**-10


# --- patterns ---------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("seed", range(12))
def test_a_kink_beside_copies_that_cancel_accuses_nobody(dtype: str, seed: int) -> None:
    """Record 0014's case, whose spread is too small, and a decision that has nothing to do with it."""

    def more(rng: np.random.Generator) -> Any:
        nodes = {
            "x": node("expand", "i", size=(2, 1, 4)),
            "n": node("group_norm", "x", "w", "b", num_groups=1, eps=1e-6),
            "y": node("softmax", "n", dim=-1),
            "r": node("relu", "za"),
        }
        leaves = {"i": rng.uniform(-2, 2, (2, 1, 1)), "w": rng.uniform(0, 1, 1), "b": rng.uniform(-1, 1, 1)}
        return leaves, nodes, {"y": rng.uniform(-1, 1, (2, 1, 4)), "r": rng.normal(size=2)}

    said = judge(one(dtype, seed, 2, more), TORCH)
    assert not said.verdict.fails, said.reason


def kink_and_tanh(dtype: str, seed: int) -> Case:
    def more(rng: np.random.Generator) -> Any:
        nodes = {"r": node("relu", "za"), "t": node("tanh", "b")}
        return {"b": rng.normal(size=3)}, nodes, {"r": rng.normal(size=2), "t": rng.normal(size=3)}

    return one(dtype, seed, 2, more)


@BOTH
def test_a_fault_beside_a_kink_is_not_blamed_on_the_side_that_took_the_other_branch(dtype: str) -> None:
    kinks = 0
    for seed in range(40):
        network = kink_and_tanh(dtype, seed)
        clean, wrong = judge(network, TORCH), judge(network, scaling("b", 1.01))
        assert not clean.verdict.fails, clean.reason
        assert wrong.verdict is Verdict.CANDIDATE_WRONG, wrong.reason
        kinks += clean.verdict is Verdict.KINK
    assert kinks > 5


@pytest.mark.parametrize("seed", range(12))
def test_a_decision_that_is_straddled_in_one_branch_alone_is_taken_both_ways(seed: int) -> None:
    def more(rng: np.random.Generator) -> Any:
        b, nodes = nothing("b", 2, rng, "float32")
        nodes |= {
            "t": node("threshold", "za", value=20.0),  # 20, or rounding
            "u": node("multiply", "t", "t"),
            "d": node("subtract", "zb", "u"),  # −400, or rounding
            "s": node("threshold", "d", value=20.0),
            "y": node("multiply", "s", "w"),
        }
        return {"b": b, "w": rng.normal(size=2)}, nodes, {"y": rng.normal(size=2)}

    said = judge(one("float32", seed, 2, more), TORCH)
    assert not said.verdict.fails, said.reason


@pytest.mark.parametrize("seed", range(12))
def test_many_decisions_may_move_together_what_none_moves_alone(seed: int) -> None:
    def more(rng: np.random.Generator) -> Any:
        b, nodes = nothing("b", 4, rng, "float32")
        for leaf in "ab":  # 0, or −20
            nodes |= {
                f"t{leaf}": node("threshold", f"z{leaf}", value=20.0),
                f"s{leaf}": node("subtract", f"t{leaf}", "twenty"),
            }
        nodes |= {"p": node("multiply", "sa", "sb"), "y": node("multiply", "p", "w")}
        leaves = {"b": b, "twenty": np.full(4, 20.0), "w": rng.normal(size=4)}
        return leaves, nodes, {"y": rng.normal(size=4)}

    said = judge(one("float32", seed, 4, more), TORCH)
    assert said.straddled in (0, 8)
    assert not said.verdict.fails, said.reason


@BOTH
@pytest.mark.parametrize("seed", range(12))
def test_relu_before_abs_at_a_hidden_zero_accuses_nobody(dtype: str, seed: int) -> None:
    def more(rng: np.random.Generator) -> Any:
        nodes = {"r": node("relu", "za"), "y": node("abs", "r")}
        return {}, nodes, {"y": rng.normal(size=3)}

    said = judge(one(dtype, seed, 3, more), TORCH)
    assert not said.verdict.fails, said.reason


def test_relu_of_what_is_negative_by_rounding_alone_is_a_straddled_decision() -> None:
    """Though all replicates of its value are 0: in float32 noise is not magnified, and none is positive."""
    x = np.ones(64)
    w = x * (1 + 4 * UNIT["float32"])
    nodes = {"d": node("subtract", "x", "w"), "y": node("relu", "d")}
    assert len(spread(case("float32", {"x": x, "w": w}, nodes, {"y": x})).straddled) == 64


# --- certificates and witnesses ---------------------------------------------------------------


def test_what_float64_says_of_a_tensor_has_the_certificate_of_that_tensor() -> None:
    """The fault in h drowns in float32; the one in k is seen by float64 alone, nearer to the output."""
    rng = np.random.default_rng(3)
    nodes = {
        "s": node("add", "c", "big"),
        "d": node("subtract", "s", "large"),
        "u": node("multiply", "d", "h"),
        "y": node("tanh", "u"),
        "v": node("multiply", "k", "q"),
        "z": node("exp", "v"),
    }
    big = rng.normal(size=4) * 1e9
    leaves = {name: rng.normal(size=4) for name in ("c", "h", "k", "q")} | {"big": big, "large": big}
    network = case("float32", leaves, nodes, {"y": rng.normal(size=4), "z": rng.normal(size=4)})

    def fault(outputs: Any, grads: Any) -> None:
        grads["h"] *= 1.5
        grads["k"] *= grads["k"].dtype.type(1 + 1e-9)

    said = judge(network, Planted(fault), locate=False)
    assert (said.verdict, said.step) == (Verdict.CANDIDATE_WRONG, "float64")
    assert said.reason.startswith("gradient h")
    assert said.certificate["name"] == "h"


def test_what_jets_bear_out_of_large_gradients_says_nothing_of_a_small_one(monkeypatch: Any) -> None:
    right = op_class("tanh").vjp
    monkeypatch.setattr(
        op_class("tanh"),
        "vjp",
        lambda *given: tuple(2 * x_bar for x_bar in right(*given) if x_bar is not None),
    )
    network = case(
        "float64",
        {"a": [1.3, 0.7], "b": [0.3, -0.9]},
        {"y": node("exp", "a"), "z": node("tanh", "b")},
        {"y": [1e60, -2e60], "z": [0.4, 0.8]},
    )
    said = judge(network, TORCH, locate=False)
    assert said.verdict is Verdict.REFERENCE_WRONG
    assert "disjoint" in said.certificate["witness"]
