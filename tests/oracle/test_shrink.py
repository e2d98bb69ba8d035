"""Shrinking: planted faults are found again as the smallest case that shows them, to the last entry."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from oracle.candidates.protocol import Candidate
from oracle.case import Case, dumps
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict, Verdict
from oracle.layouts import arrange
from oracle.shrink.canonical import canonical
from oracle.shrink.cost import cost, of_number, of_values
from oracle.shrink.shrinker import PASSES, NothingToShrinkError, Shrinker, State
from oracle.shrink.state import StateError, dump, load, source
from reference.architecture import Architecture, Leaf
from tests.oracle.faulty import ForgetsFanOut, failing, replaced, scaled
from tests.oracle.planted import TORCH, case, hidden_zero, node


def shrunk(candidate: Candidate, start: Case) -> State:
    shrinker = Shrinker(candidate)
    state = shrinker.run(shrinker.start(start)[0])
    assert state.done
    return state


def told(small: Case) -> dict[str, Any]:
    """A case in short: its nodes as calls, its values as lists."""
    nodes = small.architecture.nodes
    return {
        "nodes": {name: (node.op.name, *node.inputs) for name, node in nodes.items()},
        "leaves": {name: array.tolist() for name, array in small.leaves.items()},
        "cotangents": {wire: array.tolist() for wire, array in small.cotangents.items()},
    }


def only(op: str, leaves: dict[str, Any], y_bar: Any) -> dict[str, Any]:
    return {"nodes": {"y": (op, *leaves)}, "leaves": leaves, "cotangents": {"y": y_bar}}


# --- planted faults, and the exact case that is left of a network of 30 nodes -----------------


def _wide(inputs: Any, attributes: Any) -> bool:
    return inputs[0].ndim > 0 and inputs[0].shape[-1] >= 3


PLANTED: dict[str, tuple[str, Callable[[], Candidate], dict[str, Any]]] = {
    "every gradient": ("tanh", lambda: scaled("tanh"), only("tanh", {"z": 0.0}, 1.0)),
    "the gradient of the weight alone": (
        "linear",
        lambda: scaled("linear", 1),
        only("linear", {"x": [1.0], "weight": [[0.0]]}, [1.0]),
    ),
    "a bias": (
        "layer_norm",
        lambda: scaled("layer_norm", 2, when=lambda inputs, _: len(inputs) > 2 and inputs[2] is not None),
        {
            "nodes": {"y": ("layer_norm", "x", None, "bias")},
            "leaves": {"bias": [0.0], "x": [0.0]},
            "cotangents": {"y": [1.0]},
        },
    ),
    "a size that an attribute holds": (
        "layer_norm",
        lambda: scaled("layer_norm", 0),
        only("layer_norm", {"x": [0.0, 0.0]}, [1.0, 0.0]),
    ),
    "an attribute that is not the default": (
        "gelu",
        lambda: scaled("gelu", when=lambda _, attributes: attributes["approximate"] == "tanh"),
        only("gelu", {"z": 0.0}, 1.0),
    ),
    "three entries or more": ("sigmoid", lambda: scaled("sigmoid", when=_wide),
                              only("sigmoid", {"z": [0.0, 0.0, 0.0]}, [1.0, 0.0, 0.0])),
    "another function": (
        "softplus",
        lambda: replaced("softplus", lambda z, beta, threshold: F.softplus(z, beta, threshold) * 1.001),
        only("softplus", {"z": 0.0}, 0.0),
    ),
    "depthwise groups": (
        "conv2d",
        lambda: scaled("conv2d", 1, when=lambda _, attributes: attributes["groups"] > 1),
        only("conv2d", {"x": [[[1.0]], [[0.0]]], "weight": [[[[0.0]]], [[[0.0]]]]}, [[[1.0]], [[0.0]]]),
    ),
    "a row of a table": ("embedding", lambda: scaled("embedding"),
                         only("embedding", {"indices": 0, "weight": [[0.0]]}, [1.0])),
}  # fmt: skip


@cache
def found(fault: str) -> tuple[Candidate, CaseVerdict, State]:
    """The candidate, what was said of the network of 30 nodes, and what is left of it."""
    op, plant, _ = PLANTED[fault]
    candidate = plant()
    start, said = failing(candidate, op)
    return candidate, said, shrunk(candidate, start)


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_shrinks_to_the_smallest_case_that_shows_it(fault: str) -> None:
    op, _, smallest = PLANTED[fault]
    candidate, said, state = found(fault)
    assert told(state.case) == smallest
    assert state.case.dtype == "float64"
    assert set(state.case.layouts.values()) == {"contiguous"}
    again = judge(state.case, candidate)
    assert (again.verdict, again.op) == (said.verdict, op)


def test_a_fault_of_the_network_keeps_the_nodes_that_it_needs() -> None:
    """No node fails by itself where a wire feeds two of them: the smallest network has both."""
    start = case(
        "float64",
        {"x": [[0.3, -0.7], [1.9, 0.2]], "w": [[0.5, 1.5], [-0.3, 0.8]]},
        {
            "a": node("tanh", "x"),
            "b": node("multiply", "a", "w"),
            "c": node("sigmoid", "x"),
            "d": node("add", "b", "c"),
            "e": node("sum", "d"),
        },
        {"e": 1.3},
    )
    state = shrunk(ForgetsFanOut(), start)
    assert (state.failure.verdict, state.failure.op) == (Verdict.CANDIDATE_WRONG, "")
    assert told(state.case) == {
        "nodes": {"y1": ("sigmoid", "x1"), "y2": ("add", "x1", "y1")},
        "leaves": {"x1": 0.0},
        "cotangents": {"y2": 1.0},
    }


def laid_out(layout: str, dtype: str = "float64") -> Case:
    values = np.array([[0.3, -0.7, 1.1], [0.9, 0.4, -0.2]], dtype)
    network = Architecture({"x": Leaf("input", (2, 3))}, {"y": node("exp", "x")}, ("y",))
    leaves, y_bar = {"x": arrange(values, layout)}, {"y": arrange(values, "contiguous")}
    return Case(network, dtype, leaves, y_bar, {"x": layout, "y": "contiguous"})


def test_a_layout_stays_where_the_fault_needs_it() -> None:
    candidate = scaled("exp", when=lambda inputs, _: not inputs[0].is_contiguous())
    state = shrunk(candidate, laid_out("transposed"))
    assert state.case.layouts == {"x": "transposed", "y": "contiguous"}
    assert state.case.leaves["x"].shape == (2, 2)


def test_a_layout_goes_where_it_does_not_matter() -> None:
    assert shrunk(scaled("exp"), laid_out("strided")).case.layouts["x"] == "contiguous"


def test_a_dtype_stays_where_the_fault_needs_it() -> None:
    candidate = scaled("exp", when=lambda inputs, _: inputs[0].dtype == torch.float32)
    assert shrunk(candidate, laid_out("contiguous", "float32")).case.dtype == "float32"


def _refuses(z: Any) -> Any:
    if z.ndim and z.shape[0] > 1:
        raise RuntimeError(f"no kernel for {z.shape[0]} rows")
    return torch.exp(z)


def test_an_error_keeps_its_message_but_for_the_numbers() -> None:
    state = shrunk(replaced("exp", _refuses), laid_out("contiguous"))
    assert state.failure.side == "candidate"
    assert state.case.leaves["x"].tolist() == [0.0, 0.0]
    assert "no kernel for 2 rows" in judge(state.case, replaced("exp", _refuses)).reason


def test_a_nan_on_one_side_shrinks_to_the_number_that_gives_it() -> None:
    candidate = replaced("exp", lambda x: torch.where(x > 1, torch.nan, torch.exp(x)))
    state = shrunk(candidate, laid_out("contiguous"))
    assert told(state.case) == only("exp", {"x": 2.0}, 1.0)


def test_a_kink_shrinks_to_the_kink() -> None:
    """Slope 1 at zero, in one of many entries."""
    x = [[0.7, -1.3, 0.9, 2.0], [1.1, 0.0, -0.4, 0.3]]
    start = case("float64", {"x": x}, {"a": node("relu", "x"), "y": node("tanh", "a")}, {"y": x})
    candidate = replaced("relu", lambda z: torch.where(z >= 0, z, 0))
    start.cotangents["y"][1, 1] = 0.6
    assert told(shrunk(candidate, start).case) == only("relu", {"z": 0.0}, 1.0)


def test_a_tie_shrinks_to_two_equal_entries() -> None:
    """Torch documents that the largest entries share the gradient where all are reduced; one takes it all."""
    x = [[0.7, 1.3, 0.9], [1.3, 0.0, -0.4]]
    start = case("float64", {"x": x}, {"y": node("max", "x")}, {"y": 0.7})
    candidate = replaced("max", lambda x, **_: torch.max(x.flatten(), 0).values)
    assert told(shrunk(candidate, start).case) == only("max", {"x": [0.0, 0.0]}, 1.0)


# --- the way there -----------------------------------------------------------------------------


@cache
def steps_of(budget: int = 10**6) -> tuple[Shrinker, list[State]]:
    candidate = scaled("sigmoid", when=_wide)
    start, _ = failing(candidate, "sigmoid")
    shrinker = Shrinker(candidate, budget)
    first = shrinker.start(start)[0]
    return shrinker, [first, *shrinker.steps(first)]


def test_every_step_fails_alike_and_costs_less() -> None:
    shrinker, states = steps_of()
    smaller = [one for one, two in zip(states[1:], states, strict=False) if one.case is not two.case]
    assert len(smaller) > 3
    for one, two in zip(states[1:], states, strict=False):
        assert one.case is two.case or cost(one.case) < cost(two.case)
    for state in smaller:
        assert judge(state.case, shrinker.candidate).verdict is Verdict.CANDIDATE_WRONG


def test_shrinking_is_deterministic_and_goes_on_from_any_step(tmp_path: Any) -> None:
    _, states = steps_of()
    end = dumps(states[-1].case)
    for state in states[:: max(1, len(states) // 4)]:
        (tmp_path / "state").write_text(dump(state, "a case"))
        resumed = load(tmp_path / "state", "a case")
        fresh = Shrinker(scaled("sigmoid", when=_wide))
        *_, last = [resumed, *fresh.steps(resumed)]
        assert (dumps(last.case), last.done) == (end, True)
        with pytest.raises(StateError, match="another case"):
            load(tmp_path / "state", source(laid_out("contiguous")))


def test_a_budget_ends_it_and_more_of_it_goes_on() -> None:
    _, states = steps_of()
    shrinker, few = steps_of(budget=5)
    assert not few[-1].done
    assert few[-1].judged == 5
    *_, last = Shrinker(shrinker.candidate).steps(few[-1])
    assert dumps(last.case) == dumps(states[-1].case)


def test_nothing_smaller_is_left_that_a_pass_proposes() -> None:
    shrinker, states = steps_of()
    case, failure = states[-1].case, states[-1].failure
    for proposals in PASSES:
        for draft in proposals(case):
            smaller = draft.case()
            if smaller is not None and cost(smaller) < cost(case):
                fresh = Shrinker(shrinker.candidate)
                assert not fresh.fails_alike(smaller, failure)


def test_a_case_that_agrees_is_refused() -> None:
    with pytest.raises(NothingToShrinkError, match="does not fail"):
        Shrinker(TORCH).start(laid_out("contiguous"))


def test_two_tensors_that_fail_are_two_ways_to_begin() -> None:
    start = case(
        "float64", {"a": [0.3, 0.4], "b": [0.5, -0.6]}, {"y": node("multiply", "a", "b")}, {"y": [1.0, 0.7]}
    )
    states = Shrinker(scaled("multiply")).start(start)
    assert {state.failure.tensor for state in states} == {"gradient a", "gradient b"}


# --- sizes ---------------------------------------------------------------------------------------


def test_numbers_are_ordered_by_how_long_they_are_to_write() -> None:
    numbers = [0.0, -0.0, 1.0, -1.0, 2.0, 0.25, 3.0, 0.1, 1e-300, np.inf]
    assert [of_number(x) for x in numbers] == sorted(of_number(x) for x in numbers)
    for x in numbers:
        assert of_values(np.array([x])) == of_number(x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_renaming_changes_no_number(dtype: str) -> None:
    start = hidden_zero(dtype)
    renamed = canonical(start)
    assert dumps(canonical(renamed)) == dumps(renamed)
    before, after = judge(start, TORCH), judge(renamed, TORCH)
    assert [t.error_ulp for t in before.tensors] == [t.error_ulp for t in after.tensors]
    assert sorted(array.tolist() for array in start.leaves.values()) == sorted(
        array.tolist() for array in renamed.leaves.values()
    )
