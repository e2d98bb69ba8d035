"""Excuses reach as far as their reason: rounding, poles, kinks and underflow hide no fault beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.candidates.protocol import Result
from oracle.case import Case
from oracle.judge.judge import judge
from oracle.judge.verdict import Verdict
from reference.op import op_class
from tests.oracle.planted import TORCH, Planted, case, node

BOTH = pytest.mark.parametrize("dtype", ["float32", "float64"])
SEEDS = np.random.SFC64(4).random_raw


def plain(*shape: int) -> Any:
    """Numbers between −1 and 1 with full significands."""
    words = np.asarray(SEEDS(int(np.prod(shape))), np.uint64)
    return words.view(np.int64).reshape(shape) * 2.0**-63


def changed(name: str, change: Any, dtypes: tuple[str, ...] = ("float32", "float64")) -> Planted:
    """Torch, with one gradient changed where it has one of these dtypes."""

    def fault(outputs: Any, grads: Any) -> None:
        if grads[name].dtype.name in dtypes:
            grads[name] = np.asarray(change(grads[name]), grads[name].dtype)

    return Planted(fault)


# --- tensors that are rounding alone ----------------------------------------------------------


def before_a_normalisation(dtype: str) -> Case:
    """A bias whose gradient is 0: what is left of it is rounding."""
    nodes = {
        "s": node("add", "x", "b"),
        "y": node("batch_norm", "s", None, None, "w", training=True),
    }
    return case(dtype, {"x": plain(8, 4), "b": plain(4), "w": plain(4)}, nodes, {"y": plain(8, 4)})


@BOTH
def test_a_gradient_of_rounding_alone_is_vacuous(dtype: str) -> None:
    said = judge(before_a_normalisation(dtype), TORCH)
    assert said.verdict is Verdict.VACUOUS


@BOTH
@pytest.mark.parametrize("size", [1e-2, 1.0, 1e30])
def test_what_rounding_cannot_make_is_wrong_in_the_dtype_in_which_it_was_made(
    dtype: str, size: float
) -> None:
    said = judge(before_a_normalisation(dtype), changed("b", lambda g: g + size, (dtype,)))
    assert said.verdict is Verdict.CANDIDATE_WRONG


class SingleAlone:
    """Torch, which has no float64: it refuses it, or answers in float32."""

    name = "single"

    def __init__(self, refuses: bool) -> None:
        self.refuses = refuses

    def __call__(self, architecture: Any, leaves: Any, cotangents: Any) -> Result:
        if self.refuses and any(array.dtype == np.float64 for array in leaves.values()):
            raise TypeError("no float64 here")
        right = TORCH(architecture, single(leaves), single(cotangents))
        return Result(right.outputs, right.gradients)


def single(arrays: Any) -> dict[str, Any]:
    return {name: array.astype(np.float32) for name, array in arrays.items()}


@pytest.mark.parametrize("refuses", [True, False])
def test_a_candidate_without_float64_is_not_in_error_where_float64_is_asked(refuses: bool) -> None:
    said = judge(before_a_normalisation("float32"), SingleAlone(refuses))
    assert said.verdict is Verdict.UNDECIDED
    assert "float64 does not tell" in said.reason
    assert judge(before_a_normalisation("float64"), SingleAlone(refuses)).verdict is Verdict.ERROR


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_copies_of_a_number_are_rounded_apart_in_another_algorithm(dtype: str, seed: int) -> None:
    """The weight's gradient vanishes twice over: what is normalised is 0, and the cotangents add up to 0."""
    nodes = {
        "x": node("expand", "i", size=(2, 1, 4)),
        "z": node("group_norm", "x", "w", "b", num_groups=1, eps=1e-6),
        "y": node("softmax", "z", dim=-1),
    }
    rng = np.random.default_rng(seed)
    leaves = {"i": rng.uniform(-2, 2, (2, 1, 1)), "w": rng.uniform(0, 1, 1), "b": rng.uniform(-1, 1, 1)}
    network = case(dtype, leaves, nodes, {"y": rng.uniform(-1, 1, (2, 1, 4))})
    assert not judge(network, TORCH).verdict.fails
    # of the size that the kernels' own rounding has, one thousand times
    size = 2.0**-14 if dtype == "float32" else 2.0**-43
    assert judge(network, changed("w", lambda g: g + 1000 * size)).verdict.fails


# --- poles ------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(("op", "pole"), [("log", 0.0), ("exp", 1000.0)])
def test_a_pole_of_one_entry_does_not_excuse_another(dtype: str, op: str, pole: float) -> None:
    network = case(dtype, {"x": [pole, 1.3, 0.6]}, {"y": node(op, "x")}, {"y": [1.1, 0.7, 0.3]})
    assert judge(network, TORCH).verdict is Verdict.AGREE
    assert judge(network, changed("x", lambda g: g * [1, 2, 1])).verdict is Verdict.CANDIDATE_WRONG
    twice = Planted(lambda outputs, grads: outputs["y"].__setitem__(1, 2 * outputs["y"][1]))
    assert judge(network, twice).verdict is Verdict.DEFINITION_DIFFERS


@BOTH
def test_what_overflows_for_both_sides_alike_refutes_no_rule(dtype: str) -> None:
    large = 1e30 if dtype == "float32" else 1e200  # whose square is infinite, and 1/√∞ is 0
    norm = {"y": node("rms_norm", "x", normalized_shape=(3,), eps=1e-5)}
    network = case(dtype, {"x": [large, 0.7 * large, -large]}, norm, {"y": [0.3, 0.4, 0.9]})
    for certify in (False, True):
        said = judge(network, TORCH, certify=certify)
        assert said.verdict is Verdict.UNDECIDED
        assert "both off the truth" in said.reason


# --- kinks ------------------------------------------------------------------------------------


@BOTH
def test_a_truth_that_is_not_known_is_no_reason_to_blame_who_took_another_branch(dtype: str) -> None:
    nodes = {
        "xw": node("multiply", "x", "w"),
        "s": node("add", "x", "xw"),
        "y": node("relu", "s"),
        "q": node("divide", "one", "z"),
        "t": node("tanh", "q"),  # of ∞, which is 1 for both sides; balls know no 1/0
    }
    leaves = {"x": [0.7, 0.4], "w": [-1.0, 0.5], "one": [1.0, 1.0], "z": [0.0, 0.9]}
    network = case(dtype, leaves, nodes, {"y": [1.1, 0.6], "t": [0.3, 0.4]})
    y_bar, x = np.asarray([1.1, 0.7], dtype)
    other = changed("w", lambda g: [y_bar * x, g[1]])  # relu′(0) = 1, where rounding decides that it is 0
    assert judge(network, TORCH).verdict is Verdict.AGREE
    assert judge(network, other, locate=False).verdict is Verdict.KINK


@BOTH
@pytest.mark.parametrize("op", ["abs", "hardtanh", "leaky_relu", "relu", "relu6", "selu"])
def test_a_kink_of_one_entry_does_not_turn_the_blame_for_another(
    dtype: str, op: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = case(dtype, {"x": [-0.3, 0.0, 0.7]}, {"y": node(op, "x")}, {"y": [1.1, 0.7, 0.3]})
    assert judge(network, TORCH, certify=True).verdict is Verdict.AGREE
    right = op_class(op).vjp
    monkeypatch.setattr(op_class(op), "vjp", lambda *given: tuple(2 * x_bar for x_bar in right(*given)))
    assert judge(network, TORCH).verdict is Verdict.REFERENCE_WRONG


def test_an_infinite_slope_of_one_entry_does_not_turn_the_blame_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = case("float64", {"x": [0.0, 0.7, 0.3]}, {"y": node("sqrt", "x")}, {"y": [1.1, 0.7, 0.3]})
    right = op_class("sqrt").vjp
    monkeypatch.setattr(op_class("sqrt"), "vjp", lambda *given: tuple(2 * x_bar for x_bar in right(*given)))
    assert judge(network, TORCH).verdict is Verdict.REFERENCE_WRONG


def after_a_constant(size: int, constant: float) -> Case:
    """relu of a normalised constant: nothing passes, unless rounding makes the mean a smaller number."""
    nodes = {
        "x": node("expand", "b", size=(size,)),
        "z": node("layer_norm", "x", "w", normalized_shape=(size,), eps=1e-6),
        "y": node("relu", "z"),
    }
    return case("float32", {"b": [constant], "w": 1 + abs(plain(size))}, nodes, {"y": plain(size)})


# each decision is tried by itself, and several at once
@pytest.mark.parametrize(("size", "constant"), [(11, 1.3102), (41, 1.74)])
def test_what_rounding_lets_pass_is_rounded_as_it_is_where_all_passes(size: int, constant: float) -> None:
    network = after_a_constant(size, constant)
    said = judge(network, TORCH)
    assert said.straddled == size
    assert not said.verdict.fails
    assert judge(network, changed("w", lambda g: g + 1)).verdict.fails


# --- underflow --------------------------------------------------------------------------------


@BOTH
def test_what_overflows_when_cotangents_are_lifted_has_not_been_compared(dtype: str) -> None:
    large, tiny = (1e12, 3e-45) if dtype == "float32" else (1e290, 1e-323)
    nodes = {"y": node("multiply", "x", "w"), "e": node("exp", "v")}
    leaves = {"x": [large, 1.3], "w": [0.9, 1.1], "v": [0.7]}
    network = case(dtype, leaves, nodes, {"y": [1.1, 0.7], "e": [tiny]})
    said = judge(network, changed("w", lambda g: g * [2, 1]), locate=False)
    assert said.verdict is Verdict.CANDIDATE_WRONG
