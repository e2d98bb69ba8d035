"""Planted faults: each class in each op changes something, is caught, and is blamed on the guilty one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import reference.backprop
from oracle.faults import concerned, fault, fault_names
from oracle.faults.bite import size
from oracle.faults.classes.wrong_tie import JUMPS, POLES
from oracle.faults.corruption import Call, Corruption
from oracle.faults.fault import Site, exchanged
from oracle.faults.hunt import SIDES, Outcome, Task, Trial, hunt
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.verdict import Verdict
from oracle.report.ops import kinks
from reference.op import Array, op_class, op_names
from tests.oracle.planted import TORCH, case, node

EVERY = pytest.mark.parametrize("name", fault_names())
BOTH_SIDES = pytest.mark.parametrize("side", SIDES)
SEED, CASES = 611, 200
OPS = {  # where a class that does not concern layer_norm is tried
    "forgotten_mask": "masked_fill",
    "lost_tied_weight": "linear",
    "mean_for_sum": "mse",
    "tanh_for_erf": "gelu",
    "wrong_axis": "softmax",
    "wrong_tie": "relu",
}


@EVERY
@BOTH_SIDES
def test_every_class_is_caught_and_blamed_on_the_guilty_one(name: str, side: str) -> None:
    op = OPS.get(name, "layer_norm")
    dtype = ("float32", "float64")[fault_names().index(name) % 2]
    said = hunt(Task(name, op, side, dtype, SEED, CASES))
    assert (said.verdict, said.told) == (fault(name).verdicts[side], True), said
    assert 1 <= said.caught <= said.drawn <= CASES
    assert said.bitten >= 1
    assert said.size > 0


@pytest.mark.parametrize("op", op_names())
def test_every_op_has_three_classes_that_change_something_on_either_side(op: str) -> None:
    for name in ("detached_branch", "lower_precision", "sign"):
        planted = fault(name)
        assert planted.concerns(op)
        for side in SIDES:
            trial = Trial(planted, Site(op, "float64"), side)
            drawn = (draw_case(3, "float64", i, load_profile("median-small"), (op,)) for i in range(20))
            assert any(trial.bites(each) for each in drawn), (name, side)


@EVERY
def test_a_class_concerns_some_op_and_demands_a_failing_verdict_of_either_side(name: str) -> None:
    assert fault(name).name == name
    assert fault(name).concerns(OPS.get(name, "layer_norm"))
    assert set(fault(name).verdicts) == set(SIDES)
    assert all(verdict.fails for verdict in fault(name).verdicts.values())


def test_every_op_that_is_not_differentiable_somewhere_jumps_there_or_has_a_pole() -> None:
    assert {name for name in op_names() if kinks(op_class(name)) == "yes"} == JUMPS | POLES


def test_classes_are_for_ops_that_can_have_them() -> None:
    assert "epsilon_changed" in concerned("batch_norm")
    assert {"epsilon_changed", "stale_residual", "wrong_tie", "dropped_term"}.isdisjoint(concerned("add"))
    assert [op for op in op_names() if fault("tanh_for_erf").concerns(op)] == ["gelu"]


@EVERY
def test_nothing_stays_planted(name: str) -> None:
    op = OPS.get(name, "layer_norm")
    cls = op_class(op)
    before = dict(vars(cls)), cls.forward, cls.vjp, cls.forward.__code__, reference.backprop.backward_pass
    with pytest.raises(RuntimeError), fault(name).reference(Site(op, "float64")):
        raise RuntimeError
    assert before == (
        dict(vars(cls)),
        cls.forward,
        cls.vjp,
        cls.forward.__code__,
        reference.backprop.backward_pass,
    )
    Trial(fault(name), Site(op, "float64"), "candidate").judged(
        draw_case(5, "float64", 0, load_profile("median-small"), (op,))
    )
    assert before == (
        dict(vars(cls)),
        cls.forward,
        cls.vjp,
        cls.forward.__code__,
        reference.backprop.backward_pass,
    )


class Harmless(Corruption):
    """Nothing at all."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        return x_bar


class OffByOneUnit(Corruption):
    """What nobody can tell from rounding."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        return x_bar * (1 + 2.0**-52)


class Accused(Corruption):
    """A fault whose class demands the wrong verdict."""

    verdicts = dict.fromkeys(SIDES, Verdict.DEFINITION_DIFFERS)

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        return -x_bar


@contextmanager
def registered(planted: Corruption) -> Iterator[Task]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oracle.faults.hunt.fault", lambda name: planted)
        yield Task("sign", "tanh", "candidate", "float64", 1, 12)


def test_what_changes_nothing_is_neither_caught_nor_missed() -> None:
    with registered(Harmless()) as task:
        assert hunt(task) == Outcome(drawn=12, wanted="candidate-wrong")


def test_what_is_within_rounding_is_missed() -> None:
    with registered(OffByOneUnit()) as task:
        said = hunt(task)
    assert (said.caught, said.told) == (0, False)
    assert said.bitten > 6


def test_another_verdict_than_the_class_demands_is_no_blame() -> None:
    with registered(Accused()) as task:
        said = hunt(task)
    assert (said.verdict, said.wanted, said.told) == ("candidate-wrong", "definition-differs", False)


def test_the_size_of_a_change_is_relative_to_the_tensor_and_infinite_where_nothing_compares() -> None:
    a = {("output", "y"): np.array([3.0, 4.0]), ("gradient", "x"): np.array([1.0, np.nan])}
    assert size(a, a) is None
    assert size(a, {**a, ("output", "y"): np.array([3.0, 4.5])}) == pytest.approx(0.1)
    assert size(a, {**a, ("gradient", "x"): np.array([1.0, 0.0])}) == np.inf
    assert size(a, {**a, ("output", "y"): np.array([3.0])}) == np.inf
    assert size(a, {("output", "y"): a["output", "y"]}) == np.inf


def test_exchanged_values_are_put_back_inherited_ones_too() -> None:
    class Base:
        value = 1

    class Derived(Base):
        own = 2

    with exchanged(Derived, value=3, own=4):
        assert (Derived.value, Derived.own, Base.value) == (3, 4, 1)
    assert (Derived.value, Derived.own) == (1, 2)
    assert "value" not in vars(Derived)


# --- what the planted faults taught the judge --------------------------------------------------


@pytest.mark.parametrize("name", ["accumulated_twice", "overwritten"])
def test_a_sum_over_paths_has_a_witness_where_jets_have_none(name: str) -> None:
    """A tie is no place for a derivative; shares that are added up wrongly show all the same."""
    network = case(
        "float64",
        {"x": [0.7, 0.7, 0.7]},
        {"m": node("amax", "x", keepdim=True), "a": node("tanh", "m"), "b": node("reshape", "m", shape=(1,))},
        {"a": [1.3], "b": [-0.4]},
    )
    assert judge(network, TORCH).verdict is Verdict.AGREE
    with fault(name).reference(Site("reshape", "float64")):
        said = judge(network, TORCH)
    assert (said.verdict, said.node) == (Verdict.REFERENCE_WRONG, "")
    assert "not the sum of the shares" in said.reason
    wrong = fault(name).candidate(Site("reshape", "float64")).wrong
    assert judge(network, wrong).verdict is Verdict.CANDIDATE_WRONG


def test_a_node_is_found_that_is_wrong_in_the_layout_of_an_inner_wire_alone() -> None:
    network = case(
        "float64",
        {"x": [[0.7, -1.3, 0.2], [0.4, 0.9, -0.6]]},
        {"t": node("transpose", "x", dim0=0, dim1=1), "y": node("tanh", "t")},
        {"y": [[0.3, 1.9], [0.8, -0.7], [0.2, 1.1]]},
    )
    wrong = fault("noncontiguous_input").candidate(Site("tanh", "float64")).wrong
    said = judge(network, wrong)
    assert (said.verdict, said.node) == (Verdict.CANDIDATE_WRONG, "y")


def test_a_kink_elsewhere_in_a_gradient_does_not_silence_the_witness() -> None:
    """No direction over the whole leaf has a derivative, and the disputed entry has one."""
    network = case("float64", {"x": [0.0, -1.3, 0.7]}, {"y": node("relu", "x")}, {"y": [0.3, 1.9, -0.8]})
    with fault("last_row").reference(Site("relu", "float64")):
        said = judge(network, TORCH)
    assert said.verdict is Verdict.REFERENCE_WRONG
    assert "the gradient of x[2] is not the derivative" in said.reason
    wrong = fault("last_row").candidate(Site("relu", "float64")).wrong
    assert judge(network, wrong).verdict is Verdict.CANDIDATE_WRONG
