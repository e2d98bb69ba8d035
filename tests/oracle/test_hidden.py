"""What rounding hides in one place, or in one dtype, is not vouched for by another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.candidates.protocol import Result
from oracle.judge.judge import judge
from oracle.judge.paths import parts, upstream
from oracle.judge.verdict import Verdict
from tests.oracle.planted import TORCH, Planted, case, node
from tests.oracle.test_excuses import before_a_normalisation, changed

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])


def saturated(dtype: str) -> Any:
    """A softmax whose gradient is 10⁻¹³ times the numbers that cancel in it."""
    nodes = {"y": node("softmax", "x", dim=-1)}
    return case(dtype, {"x": [[30.0, 0.0, 1.0]]}, nodes, {"y": [[0.3, 0.8, -0.5]]})


def test_float64_does_not_vouch_for_a_float32_gradient_without_a_digit_in_common() -> None:
    said = judge(saturated("float32"), changed("x", lambda g: g * 2, ("float32",)))
    assert said.verdict is Verdict.UNDECIDED
    assert "not one binary digit in common" in said.reason


def test_what_float64_decided_is_no_evidence_of_float32() -> None:
    said = judge(saturated("float32"), changed("x", lambda g: g * 1.25, ("float32",)))
    (gradient,) = (tensor for tensor in said.tensors if tensor.role == "gradient")
    assert (gradient.verdict, gradient.step) == (Verdict.AGREE, "float64")
    assert gradient.detection_limit > 1


@BOTH
def test_an_entry_next_to_a_pole_hides_no_other(dtype: str) -> None:
    """Noise makes NaN of the first root, and tells nothing of it."""
    near = 2.0**-24 if dtype == "float32" else 2.0**-40
    leaves = {"a": [1.0, 1.0, 1.0], "b": [-1 + near, 0.3, 0.5]}
    nodes = {"s": node("add", "a", "b"), "y": node("sqrt", "s")}
    network = case(dtype, leaves, nodes, {"y": [1.1, 0.7, 0.9]})

    def doubled(outputs: Any, grads: Any) -> None:
        outputs["y"][1] *= 1 + (outputs["y"].dtype == dtype)

    assert not judge(network, TORCH).verdict.fails
    assert judge(network, Planted(doubled), locate=False).verdict is Verdict.DEFINITION_DIFFERS


@BOTH
def test_a_large_gradient_makes_no_room_where_no_path_leads(dtype: str) -> None:
    zero = before_a_normalisation(dtype)
    leaves = {**zero.leaves, "v": [0.7], "q": [1e6 if dtype == "float32" else 1e15]}
    nodes = {**zero.architecture.nodes, "e": node("multiply", "v", "q")}
    network = case(dtype, leaves, nodes, {**zero.cotangents, "e": [1.0]})
    assert not judge(network, TORCH).verdict.fails
    assert judge(network, changed("b", lambda g: g + 0.1)).verdict is Verdict.CANDIDATE_WRONG


def test_what_is_connected_and_what_leads_where() -> None:
    nodes = {"m": node("max", "x", dim=0), "y": node("add", "m", "b"), "e": node("exp", "v")}
    network = case("float64", {"x": [0.5, 1.0], "b": 1.0, "v": 1.0}, nodes, {"y": 1.0, "e": 1.0}).architecture
    one, other = frozenset({"b", "m", "x", "y"}), frozenset({"e", "v"})
    assert parts(network) == dict.fromkeys(one, one) | dict.fromkeys(other, other)
    assert upstream(network, ["m:1"]) == {"m", "x"}
    assert upstream(network, ["y"]) == {"b", "m", "x", "y"}


@BOTH
def test_what_a_candidate_gave_stays_when_it_uses_its_memory_again(dtype: str) -> None:
    """The certificate shows what was judged, and not what came of larger cotangents."""
    memory: dict[Any, Any] = {}

    def again(network: Any, leaves: Any, cotangents: Any) -> Result:
        right = TORCH(network, leaves, cotangents)
        for name, array in right.gradients.items():
            place = memory.setdefault((name, array.shape, array.dtype), np.empty_like(array))
            place[...] = array * (1 + (name == "w"))
        found = {name: memory[name, array.shape, array.dtype] for name, array in right.gradients.items()}
        return Result(right.outputs, found)

    tiny = 1e-40 if dtype == "float32" else 1e-320
    nodes = {"y": node("multiply", "x", "w")}
    network = case(dtype, {"x": [0.7, 1.3], "w": [0.9, 1.1]}, nodes, {"y": [tiny, tiny]})
    said = judge(network, again, locate=False)
    assert said.verdict is Verdict.CANDIDATE_WRONG
    assert abs(float(said.certificate["candidate"])) < 4 * tiny
