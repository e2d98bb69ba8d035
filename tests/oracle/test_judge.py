"""The judge, end to end: a right candidate agrees, and every planted fault is called what it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from oracle.candidates.protocol import Result
from oracle.case import Case
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.branches import MAX_STRADDLED
from oracle.judge.judge import judge
from oracle.judge.taint import tainted
from oracle.judge.verdict import CaseVerdict, TensorVerdict, Verdict
from reference.architecture import Architecture, Leaf
from reference.backprop import gradients
from tests.oracle.planted import FAULTY, TORCH, Answering, Planted, case, hidden_zero, node

DTYPES = ("float32", "float64")
UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
BOTH = pytest.mark.parametrize("dtype", DTYPES)


@cache
def drawn(dtype: str, index: int) -> tuple[Case, CaseVerdict]:
    """A case, and what is said of torch: with detection limits."""
    found = draw_case(29, dtype, index, load_profile("median-small"))
    return found, judge(found, TORCH, sample=True)


@cache
def decisive(dtype: str, count: int, limit: float = 1e-4) -> list[tuple[Case, TensorVerdict]]:
    """Cases of few straddled decisions, each with a gradient of several entries and of a small limit."""
    found = []
    for index in range(200):
        drawing, said = drawn(dtype, index)
        for tensor in said.tensors:
            fits = tensor.role == "gradient" and tensor.elements > 3 and tensor.detection_limit < limit
            if said.verdict is Verdict.AGREE and said.straddled <= MAX_STRADDLED and fits:
                found.append((drawing, tensor))
                break
        if len(found) == count:
            return found
    raise AssertionError(f"{len(found)} decisive cases among 200; {count} are needed")


def plant(drawing: Case, name: str, fault: Any) -> CaseVerdict:
    """What is said when one gradient is replaced by `fault` of it."""

    def change(outputs: Any, grads: Any) -> None:
        grads[name] = fault(grads[name])

    return judge(drawing, Planted(change))


def of(verdict: CaseVerdict, name: str, role: str = "gradient") -> TensorVerdict:
    (found,) = (tensor for tensor in verdict.tensors if (tensor.role, tensor.name) == (role, name))
    return found


# --- a right candidate -----------------------------------------------------------------------


@BOTH
def test_a_right_candidate_agrees_on_two_hundred_networks(dtype: str) -> None:
    profile = load_profile("median-small")
    said = [judge(draw_case(31, dtype, index, profile), TORCH) for index in range(200)]
    assert [v.reason for v in said if v.verdict.fails and v.op not in FAULTY] == []
    counts = Counter(v.verdict for v in said)
    assert counts[Verdict.AGREE] >= 140
    assert counts[Verdict.UNDECIDED] <= 12


@BOTH
def test_a_case_names_every_tensor_once(dtype: str) -> None:
    for index in range(20):
        drawing, said = drawn(dtype, index)
        network = drawing.architecture
        wanted = {("output", wire) for wire in network.outputs}
        wanted |= {("gradient", leaf) for leaf in network.differentiable_leaves}
        assert sorted((tensor.role, tensor.name) for tensor in said.tensors) == sorted(wanted)
        assert said.verdict is min((tensor.verdict for tensor in said.tensors), key=lambda v: v.severity)


def test_the_reference_agrees_with_itself_exactly() -> None:
    drawing, _ = decisive("float64", 1)[0]
    own = Answering(Result(*gradients(drawing.architecture, drawing.leaves, drawing.cotangents)))
    said = judge(drawing, own)
    assert (said.verdict, said.step) == (Verdict.AGREE, "screen")
    assert {tensor.error_ulp for tensor in said.tensors} == {0.0}


# --- a wrong gradient ------------------------------------------------------------------------


@BOTH
def test_a_gradient_scaled_by_1024_units_disagrees_where_the_detection_limit_lies_below(dtype: str) -> None:
    factor = 1 + 1024 * UNIT[dtype]
    for drawing, tensor in decisive(dtype, 12, limit=900 * UNIT[dtype]):
        said = plant(drawing, tensor.name, lambda g: (g * factor).astype(g.dtype))
        assert said.verdict is Verdict.CANDIDATE_WRONG, (drawing.case_id, tensor)
        assert of(said, tensor.name).verdict is Verdict.CANDIDATE_WRONG


def one_entry(factor: float) -> Any:
    """Change the entry of median magnitude, zeros not counted."""

    def fault(g: Any) -> Any:
        flat = g.reshape(-1)
        places = np.flatnonzero(flat)
        flat[places[np.argsort(np.abs(flat[places]))[len(places) // 2]]] *= factor
        return g

    return fault


def swapped_entries(g: Any) -> Any:
    flat = g.reshape(-1)
    low, high = np.argmin(flat), np.argmax(flat)
    flat[[low, high]] = flat[[high, low]]
    return g


def dropped_row(g: Any) -> Any:
    g[-1] = 0
    return g


FAULTS = {
    "sign flip": lambda g: -g,
    "zeros": np.zeros_like,
    "doubled": lambda g: 2 * g,
    "one wrong sign": one_entry(-1),
    "one zero": one_entry(0),
    "one entry times 1.5": one_entry(1.5),
    "last row dropped": dropped_row,
    "two entries swapped": swapped_entries,
    "reversed": lambda g: g.reshape(-1)[::-1].reshape(g.shape),
    "constant": lambda g: np.full_like(g, g.mean()),
}


@BOTH
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_gradient_disagrees_and_the_tensor_is_named(dtype: str, fault: str) -> None:
    caught = 0
    for drawing, tensor in decisive(dtype, 8):
        leaf = drawing.architecture.shapes[tensor.name]
        right = TORCH(drawing.architecture, drawing.leaves, drawing.cotangents).gradients[tensor.name]
        wrong = FAULTS[fault](right.copy().reshape(leaf))
        change = np.linalg.norm(wrong.astype(float) - right)
        if np.abs(wrong.astype(float) - right).max() < 0.01 * np.abs(right).max() or not change:
            continue  # this tensor has too small an entry there
        said = plant(drawing, tensor.name, FAULTS[fault])
        assert said.verdict is Verdict.CANDIDATE_WRONG
        assert of(said, tensor.name).verdict is Verdict.CANDIDATE_WRONG
        assert tensor.name in said.reason
        assert [t.name for t in said.tensors if t.verdict is Verdict.CANDIDATE_WRONG] == [tensor.name]
        caught += 1
    assert caught >= 3


@BOTH
def test_two_gradients_of_one_shape_that_are_swapped_disagree(dtype: str) -> None:
    network = case(
        dtype,
        {"x": [0.3, 1.7, -0.6], "a": [1.1, 0.4, -2.3]},
        {"y": node("multiply", "x", "a"), "z": node("tanh", "y")},
        {"z": [0.9, -0.35, 1.3]},
    )

    def swap(outputs: Any, grads: Any) -> None:
        grads["x"], grads["a"] = grads["a"], grads["x"]

    said = judge(network, Planted(swap))
    assert said.verdict is Verdict.CANDIDATE_WRONG
    assert [tensor.verdict for tensor in said.tensors].count(Verdict.CANDIDATE_WRONG) == 2


@BOTH
def test_every_wrong_tensor_is_listed_and_not_only_the_first(dtype: str) -> None:
    drawing, _ = decisive(dtype, 1)[0]

    def all_wrong(outputs: Any, grads: Any) -> None:
        for name, array in grads.items():
            grads[name] = array + np.asarray(1 + np.abs(array).max(), array.dtype)

    said = judge(drawing, Planted(all_wrong))
    wrong = [tensor for tensor in said.tensors if tensor.verdict is Verdict.CANDIDATE_WRONG]
    assert len(wrong) == len(drawing.architecture.differentiable_leaves)


# --- a wrong structure -----------------------------------------------------------------------

STRUCTURE = {
    "another dtype": (lambda g: g.astype("float16"), "float16"),
    "another shape": (lambda g: g.reshape(1, *g.shape), "shape"),
    "a row less": (lambda g: g[:-1], "shape"),
    "a list": (lambda g: g.tolist(), "list"),
    "none": (lambda g: None, "NoneType"),
    "one NaN": (one_entry(np.nan), "NaN"),
    "one infinity": (one_entry(np.inf), "infinite"),
    "all NaN": (lambda g: g * np.nan, "NaN"),
}


@BOTH
@pytest.mark.parametrize("fault", STRUCTURE)
def test_a_tensor_that_cannot_be_compared_is_an_error_that_says_why(dtype: str, fault: str) -> None:
    change, word = STRUCTURE[fault]
    for drawing, tensor in decisive(dtype, 2):
        said = plant(drawing, tensor.name, change)
        assert said.verdict is Verdict.ERROR
        assert of(said, tensor.name).verdict is Verdict.ERROR
        assert word in said.reason
        assert tensor.name in said.reason
        others = [t.verdict for t in said.tensors if t.name != tensor.name]
        assert not any(verdict.fails for verdict in others)


@BOTH
def test_missing_and_extra_tensors_are_errors(dtype: str) -> None:
    drawing, tensor = decisive(dtype, 1)[0]

    def rename(outputs: Any, grads: Any) -> None:
        grads["stranger"] = grads.pop(tensor.name)

    said = judge(drawing, Planted(rename))
    assert said.verdict is Verdict.ERROR
    assert of(said, tensor.name).verdict is of(said, "stranger").verdict is Verdict.ERROR
    nothing = judge(drawing, Answering(Result({}, {})))
    assert nothing.verdict is Verdict.ERROR
    assert {t.verdict for t in nothing.tensors} == {Verdict.ERROR}


@BOTH
def test_a_side_that_raises_is_an_error_that_shows_both_sides(dtype: str) -> None:
    drawing, _ = decisive(dtype, 1)[0]

    def fail(*_: Any) -> Any:
        raise RuntimeError("no kernel\nfor this")

    said = judge(drawing, Planted(fail))
    assert said.verdict is Verdict.ERROR
    assert said.reason.startswith("reference: computed; candidate: RuntimeError: no kernel for this")
    leaves = dict(drawing.leaves)
    leaves.pop(drawing.architecture.differentiable_leaves[0])
    broken = Case(drawing.architecture, dtype, leaves, drawing.cotangents, drawing.layouts)
    both = judge(broken, Planted(fail))
    assert both.verdict is Verdict.ERROR
    first, second = both.reason.split("; candidate: ")
    assert first.startswith("reference: ")
    assert "computed" not in first + second
    assert "\n" not in both.reason


@pytest.mark.parametrize("answer", [None, 3, ({}, {}), Result(None, None), Result({}, None)])
def test_an_answer_that_is_no_result_is_an_error_and_not_a_traceback(answer: Any) -> None:
    drawing, _ = decisive("float64", 1)[0]
    assert judge(drawing, Answering(answer)).verdict is Verdict.ERROR


def test_a_candidate_that_exits_is_an_error_and_does_not_end_the_campaign() -> None:
    drawing, _ = decisive("float64", 1)[0]

    def leave(*_: Any) -> None:
        raise SystemExit(0)

    assert judge(drawing, Planted(leave)).verdict is Verdict.ERROR


# --- a wrong output --------------------------------------------------------------------------


@BOTH
def test_an_output_that_differs_is_another_function(dtype: str) -> None:
    drawing, tensor = decisive(dtype, 1)[0]
    wire = drawing.architecture.outputs[0]

    def output(outputs: Any, grads: Any) -> None:
        outputs[wire] = outputs[wire] + np.asarray(1 + np.abs(outputs[wire]).max(), dtype)

    def both(outputs: Any, grads: Any) -> None:
        output(outputs, grads)
        grads[tensor.name] = -grads[tensor.name]

    for fault in (output, both):
        said = judge(drawing, Planted(fault))
        assert said.verdict is Verdict.DEFINITION_DIFFERS
        assert of(said, wire, "output").verdict is Verdict.DEFINITION_DIFFERS
        expected = (
            Verdict.DEFINITION_DIFFERS if fault is both else of(judge(drawing, TORCH), tensor.name).verdict
        )
        assert of(said, tensor.name).verdict is expected


# --- no evidence -----------------------------------------------------------------------------


@BOTH
def test_gradients_that_are_zero_on_both_sides_are_vacuous(dtype: str) -> None:
    dead = case(
        dtype,
        {"x": [[-1.3, -0.7]]},
        {"a": node("relu", "x"), "y": node("reshape", "a", shape=(2,))},
        {"y": [0.3, 1.9]},
    )
    said = judge(dead, TORCH)
    assert said.verdict is Verdict.VACUOUS
    assert {tensor.verdict for tensor in said.tensors} == {Verdict.VACUOUS}
    for wrong in (1e-30, -1.0, np.nan):
        again = plant(dead, "x", lambda g, wrong=wrong: g + np.asarray(wrong, g.dtype))
        assert again.verdict.fails, wrong


@BOTH
def test_empty_tensors_are_no_evidence(dtype: str) -> None:
    nothing = case(dtype, {"x": np.zeros((0, 3))}, {"y": node("tanh", "x")}, {"y": np.zeros((0, 3))})
    assert judge(nothing, TORCH).verdict is Verdict.VACUOUS


def drowned(dtype: str) -> Case:
    """(x + big) − big: most of the answer is rounding."""
    big = 2.0**23 if dtype == "float32" else 2.0**52
    return case(
        dtype,
        {"x": [0.3, 0.7, 0.11], "w": [1.1, 0.9, 1.3], "b": [big] * 3, "c": [-big] * 3},
        {"s": node("add", "x", "b"), "d": node("add", "s", "c"), "y": node("multiply", "d", "w")},
        {"y": [0.7, 1.9, -0.3]},
    )


def test_what_drowns_in_rounding_in_float32_is_judged_in_float64() -> None:
    said = plant(drowned("float32"), "w", lambda g: g + np.asarray(0.25, g.dtype))
    assert of(said, "w").step == "float64"
    assert said.verdict is Verdict.CANDIDATE_WRONG
    wide = plant(drowned("float32").astype("float64"), "w", lambda g: g + np.asarray(0.25, g.dtype))
    for said_of in ("entry", "truth", "reference", "candidate"):
        assert said.certificate[said_of] == wide.certificate[said_of]

    def in_float32_alone(g: Any) -> Any:
        return g + np.asarray(0.25 if g.dtype == np.float32 else 0, g.dtype)

    told = of(plant(drowned("float32"), "w", in_float32_alone), "w")
    assert (told.verdict, told.step) == (Verdict.AGREE, "float64")


def test_what_drowns_in_rounding_in_float64_is_undecided() -> None:
    def beside_it(outputs: Any, grads: Any) -> None:
        grads["w"] = grads["w"] + 0.25

    said = judge(drowned("float64"), Planted(beside_it), locate=False)
    assert of(said, "w").verdict is Verdict.UNDECIDED
    assert of(said, "w").detection_limit > 1
    assert said.verdict is Verdict.UNDECIDED
    alone = judge(drowned("float64"), Planted(beside_it))
    assert (alone.verdict, alone.op) == (Verdict.CANDIDATE_WRONG, "multiply")  # where nothing drowns it


@BOTH
def test_a_drowned_tensor_excuses_no_other(dtype: str) -> None:
    assert plant(drowned(dtype), "x", lambda g: -g).verdict is Verdict.CANDIDATE_WRONG


# --- conventions and kinks -------------------------------------------------------------------


def relu_with_slope_one_at_zero(outputs: Any, grads: Any) -> None:
    grads["x"] = np.array([0.4, 0.0, -0.9], grads["x"].dtype)


@BOTH
def test_another_convention_at_an_exact_zero_disagrees_and_is_no_kink(dtype: str) -> None:
    exact = case(dtype, {"x": [0.0, -2.0, 3.0]}, {"y": node("relu", "x")}, {"y": [0.4, 0.7, -0.9]})
    assert judge(exact, TORCH).verdict is Verdict.AGREE
    said = judge(exact, Planted(relu_with_slope_one_at_zero))
    assert said.verdict is Verdict.CANDIDATE_WRONG
    assert said.straddled == 0


@BOTH
def test_a_straddled_decision_beside_it_does_not_excuse_another_convention(dtype: str) -> None:
    """w and x take part in a decision that rounding may flip; e sits at an exact zero."""
    inner = hidden_zero(dtype)
    both = case(
        dtype,
        {**inner.leaves, "e": [0.0, 1.0]},
        {**inner.architecture.nodes, "z": node("relu", "e")},
        {**inner.cotangents, "z": [0.8, 0.3]},
    )
    said = judge(both, TORCH)
    assert said.verdict is Verdict.AGREE or said.verdict is Verdict.VACUOUS
    wrong = plant(both, "e", lambda g: np.array([0.8, 0.3], g.dtype))
    assert wrong.straddled > 0
    assert wrong.verdict is Verdict.CANDIDATE_WRONG


def other_branch(*entries: int) -> Any:
    """The gradients of `hidden_zero` with relu′ = 1 at some of its zeros."""

    def change(outputs: Any, grads: Any) -> None:
        for entry in entries:
            y_bar, x = [1.1, 0.6][entry], [0.7, -1.3][entry]
            grads["w"][entry] = np.asarray(y_bar, grads["w"].dtype) * np.asarray(x, grads["w"].dtype)

    return change


@BOTH
@pytest.mark.parametrize("entries", [(0,), (1,), (0, 1)])
def test_the_other_branch_of_a_straddled_decision_is_a_kink(dtype: str, entries: tuple[int, ...]) -> None:
    said = judge(hidden_zero(dtype), Planted(other_branch(*entries)))
    assert said.straddled == 2
    assert said.verdict is Verdict.KINK
    assert of(said, "w").verdict is Verdict.KINK


@BOTH
@pytest.mark.parametrize("factor", [0.5, -1.0, 1.01, 2.0])
def test_what_matches_no_branch_disagrees(dtype: str, factor: float) -> None:
    def neither(outputs: Any, grads: Any) -> None:
        other_branch(0)(outputs, grads)
        grads["w"][0] *= np.asarray(factor, dtype)

    said = judge(hidden_zero(dtype), Planted(neither))
    assert of(said, "w").verdict is Verdict.CANDIDATE_WRONG
    assert said.verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_branches_may_not_be_mixed_between_tensors(dtype: str) -> None:
    """relu(a + b) with a + b = 0: whoever takes the other branch takes it in both gradients."""
    tie = case(
        dtype,
        {"a": [0.7, 1.3], "b": [-0.7, 0.4]},
        {"s": node("add", "a", "b"), "y": node("relu", "s")},
        {"y": [1.1, 0.6]},
    )

    def other(*names: str) -> Planted:
        def change(outputs: Any, grads: Any) -> None:
            for name in names:
                grads[name][0] = np.asarray(1.1, dtype)

        return Planted(change)

    assert judge(tie, TORCH).verdict is Verdict.AGREE
    assert judge(tie, other("a", "b")).verdict is Verdict.KINK
    assert judge(tie, other("a")).verdict is Verdict.CANDIDATE_WRONG
    assert judge(tie, other("b")).verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_a_fault_elsewhere_is_not_excused_by_a_straddled_decision(dtype: str) -> None:
    said = plant(hidden_zero(dtype), "w", lambda g: -g)
    assert said.verdict is Verdict.CANDIDATE_WRONG


@BOTH
@pytest.mark.parametrize("seed", range(8))
def test_a_tie_of_many_that_rounding_breaks_in_another_way_is_no_fault(dtype: str, seed: int) -> None:
    """All rows are normalised to the same numbers; which of them is least is up to rounding."""
    rng = np.random.default_rng(seed)
    leaves = {
        "x": rng.standard_normal((9, 5)),
        "w": np.repeat(rng.standard_normal((1, 5)), 6, axis=0),
        "b": rng.standard_normal(6),
    }
    nodes = {
        "z": node("linear", "x", "w", "b"),
        "n": node("layer_norm", "z", normalized_shape=(6,)),
        "y": node("min", "n"),
    }
    said = judge(case(dtype, leaves, nodes, {"y": 1.0}), TORCH)
    assert said.straddled > MAX_STRADDLED
    assert not said.verdict.fails, said.reason


@BOTH
def test_many_straddled_decisions_do_not_hide_a_fault_that_no_branch_explains(dtype: str) -> None:
    x = np.linspace(0.3, 1.9, 9)
    many = case(
        dtype,
        {"x": x, "w": [-1.0] * 9, "v": [0.3, 0.7]},
        {
            "xw": node("multiply", "x", "w"),
            "s": node("add", "x", "xw"),
            "y": node("relu", "s"),
            "z": node("tanh", "v"),
        },
        {"y": x + 0.1, "z": [0.6, -1.1]},
    )
    assert plant(many, "v", lambda g: -g).verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_many_straddled_decisions_do_not_hide_an_error_beyond_all_branches_together(dtype: str) -> None:
    x = np.linspace(0.3, 1.9, 9)
    many = case(
        dtype,
        {"x": x, "w": [-1.0] * 9},
        {"xw": node("multiply", "x", "w"), "s": node("add", "x", "xw"), "y": node("relu", "s")},
        {"y": x + 0.1},
    )
    said = plant(many, "w", lambda g: g + np.asarray(1e6, g.dtype))
    assert said.straddled == 9
    assert said.verdict is Verdict.CANDIDATE_WRONG


@BOTH
def test_an_infinity_on_both_sides_does_not_hide_a_wrong_finite_entry(dtype: str) -> None:
    overflow = case(
        dtype, {"x": [2.0, 3.0], "w": [0.5, 0.7]}, {"y": node("multiply", "x", "w")}, {"y": [np.inf, 0.4]}
    )
    assert not judge(overflow, TORCH).verdict.fails
    assert plant(overflow, "x", lambda g: g * np.array([1, -1], g.dtype)).verdict.fails


# --- candidates that write to their inputs ---------------------------------------------------


class Vandal:
    """Computes a wrong gradient, and then makes the rounding of the case look large enough for it."""

    name = "vandal"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        right = TORCH(architecture, leaves, cotangents)
        outputs = {wire: array.copy() for wire, array in right.outputs.items()}
        grads = {leaf: array.copy() for leaf, array in right.gradients.items()}
        grads["w"] = grads["w"] * np.asarray(1.01, grads["w"].dtype)
        leaves["x"] *= 2.0**16 if leaves["x"].dtype == np.float32 else 2.0**45
        return Result(outputs, grads)


@BOTH
def test_a_candidate_that_writes_to_its_inputs_does_not_pass_a_wrong_gradient(dtype: str) -> None:
    product = case(
        dtype,
        {"x": [0.3, 1.7, 0.9], "w": [1.1, -0.4, 0.6]},
        {"y": node("multiply", "x", "w")},
        {"y": [1.0, 0.7, 0.2]},
    )
    assert plant(product, "w", lambda g: g * np.asarray(1.01, g.dtype)).verdict is Verdict.CANDIDATE_WRONG
    assert judge(product, Vandal()).verdict.fails


@BOTH
def test_neither_torch_nor_the_judge_writes_to_the_case(dtype: str) -> None:
    for index in range(10):
        drawing, _ = drawn(dtype, index)
        arrays = {**drawing.leaves, **drawing.cotangents}
        before = {name: array.tobytes() for name, array in arrays.items()}
        judge(drawing, TORCH, sample=True)
        assert {name: array.tobytes() for name, array in arrays.items()} == before


# --- what is said of a case ------------------------------------------------------------------


@BOTH
def test_the_same_case_gets_the_same_verdict_again(dtype: str) -> None:
    for index in range(5):
        drawing, said = drawn(dtype, index)
        again = judge(drawing, TORCH, sample=True)
        assert repr(again.tensors) == repr(said.tensors)  # NaN equals itself as text


def test_a_leaf_that_is_an_index_has_no_gradient() -> None:
    network = Architecture(
        {"x": Leaf("input", (2, 3)), "t": Leaf("index", (2,), 3)},
        {"y": node("cross_entropy", "x", "t", reduction="sum")},
        ("y",),
    )
    leaves = {"x": np.array([[0.3, -1.1, 0.9], [1.7, 0.2, -0.4]]), "t": np.array([2, 0])}
    drawing = Case(network, "float64", leaves, {"y": np.array(0.7)}, dict.fromkeys("xty", "contiguous"))
    said = judge(drawing, TORCH)
    assert said.verdict is Verdict.AGREE
    assert {(tensor.role, tensor.name) for tensor in said.tensors} == {("output", "y"), ("gradient", "x")}


def test_an_error_is_counted_in_ulps_of_the_largest_entry() -> None:
    doubled = case("float64", {"x": [1.0, 0.25]}, {"y": node("reshape", "x", shape=(2,))}, {"y": [1.5, 0.75]})
    said = plant(doubled, "x", lambda g: g + np.array([0, 3 * 2.0**-52]))
    assert of(said, "x").error_ulp == 3


def test_an_error_of_the_candidate_is_charged_to_the_node_that_it_names() -> None:
    @dataclass(frozen=True)
    class Failing:
        name: str = "failing"

        def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
            error = ValueError("no kernel")
            error.add_note("not a node")
            error.add_note("g")
            raise error

    said = judge(squared("float64", [0.1, 0.3]), Failing())
    assert (said.verdict, said.op) == (Verdict.ERROR, "gelu")
    assert said.reason == "reference: computed; candidate: ValueError: no kernel"


# --- poles and overflow ---------------------------------------------------------------------------


def squared(dtype: str, x: list[float]) -> Case:
    """gelu(x)·x, which overflows for large x, beside tanh(x), which does not."""
    nodes = {"g": node("gelu", "x"), "y": node("multiply", "g", "x"), "t": node("tanh", "x")}
    return case(dtype, {"x": x}, nodes, {"y": [0.5, 0.7], "t": [0.2, -0.4]})


def nan_at_the_first(*wires: str) -> Planted:
    def fault(outputs: Any, grads: Any) -> None:
        for wire in wires:
            outputs[wire][0] = np.nan

    return Planted(fault)


@BOTH
def test_what_differs_after_an_overflow_is_undecided(dtype: str) -> None:
    said = judge(squared(dtype, [1e300 if dtype == "float64" else 1e30, 0.3]), nan_at_the_first("y"))
    assert (said.verdict, said.op) == (Verdict.UNDECIDED, "multiply")
    assert said.reason == "output y: y leaves the finite numbers"


@BOTH
def test_an_overflow_excuses_nothing_that_does_not_depend_on_it(dtype: str) -> None:
    network = squared(dtype, [1e300 if dtype == "float64" else 1e30, 0.3])
    said = judge(network, nan_at_the_first("y", "t"))
    assert (said.verdict, said.op) == (Verdict.ERROR, "tanh")
    said = judge(network, Planted(lambda outputs, grads: outputs.update(y=outputs["y"][:1])))
    assert (said.verdict, said.op) == (Verdict.ERROR, "multiply")


@BOTH
def test_infinities_that_were_given_excuse_nothing(dtype: str) -> None:
    said = judge(squared(dtype, [np.inf, 0.3]), nan_at_the_first("y"))
    assert (said.verdict, said.step) == (Verdict.ERROR, "structure")


def test_a_pole_taints_what_is_computed_from_it_in_either_direction() -> None:
    nodes = {
        "p": node("power", "x", exponent=-1.0),
        "y": node("multiply", "p", "v"),
        "z": node("multiply", "x", "w"),
        "r": node("power", "s", exponent=0.5),
    }
    leaves = {"x": [0.0, 1.0], "v": [2.0, 3.0], "w": [4.0, 5.0], "s": [0.0, 2.0]}
    found = tainted(
        case("float64", leaves, nodes, {"y": [1.0, 1.0], "z": [1.0, 1.0], "r": [1.0, 1.0]}), TORCH
    )
    origin = {key: why.partition(" leaves the finite numbers")[0] for key, why in found.items()}
    assert {wire: node for (role, wire), node in origin.items() if role == "output"} == {"p": "p", "y": "p"}
    assert {wire: node for (role, wire), node in origin.items() if role == "gradient"} == {
        "p": "p",
        "v": "p",
        "x": "p",
        "s": "r",  # a root at 0: its value is finite, its slope is not
    }


def test_a_side_that_leaves_the_finite_numbers_alone_is_not_excused() -> None:
    root = case(
        "float64",
        {"x": [-1.0, 2.0]},
        {"y": node("power", "x", exponent=0.5), "z": node("tanh", "y")},
        {"z": [1.0, 1.0]},
    )
    assert tainted(root, TORCH).keys() == {
        ("output", "y"),
        ("output", "z"),
        ("gradient", "y"),
        ("gradient", "x"),
    }
    finite = Planted(
        lambda outputs, grads: [array.fill(0.5) for array in (*outputs.values(), *grads.values())]
    )
    assert tainted(root, finite) == {}


def test_an_overflow_inside_of_a_node_is_seen_with_a_larger_range() -> None:
    norm = {"y": node("layer_norm", "x", normalized_shape=(2,))}
    large = case("float32", {"x": [3e38, 2e38]}, norm, {"y": [1.0, 1.0]})  # the sum overflows: ∞ − ∞
    finite = Planted(
        lambda outputs, grads: [array.fill(0.5) for array in (*outputs.values(), *grads.values())]
    )
    assert tainted(large, finite).keys() == {("output", "y"), ("gradient", "x")}


def test_a_share_that_stays_finite_is_not_excused_by_another() -> None:
    both = {"y": node("power", "b", "e")}
    found = tainted(case("float64", {"b": [0.0, 2.0], "e": [0.5, 3.0]}, both, {"y": [1.0, 1.0]}), TORCH)
    assert found.keys() == {("gradient", "b")}  # an infinite slope at 0
