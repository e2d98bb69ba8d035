"""Certificates: precision that suffices, what is left open, and bounds that hold."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from oracle.numbers.balls_truth import GOAL, Certificate, Enclosure, certified
from reference.architecture import Architecture, Leaf, Node
from reference.backprop import gradients
from reference.op import op_class
from tests.oracle.certified import FINITE, ends, network
from tests.reference.example import Example

every_finite_example = pytest.mark.parametrize("example", FINITE, ids=str)


def chain(*names: str, shape: tuple[int, ...] = (3,), **attributes: Any) -> Architecture:
    """A leaf x through ops of one input."""
    wires = ("x", *(f"n{k}" for k in range(len(names))))
    nodes = {
        wires[k + 1]: Node(op_class(name)(**(attributes if k == 0 else {})), (wires[k],))
        for k, name in enumerate(names)
    }
    return Architecture({"x": Leaf("parameter", shape)}, nodes, (wires[-1],))


def tensors(certificate: Certificate) -> list[Enclosure]:
    return [*certificate.outputs.values(), *certificate.gradients.values()]


# --- certificates ----------------------------------------------------------------------------------


@every_finite_example
def test_every_row_is_certified(example: Example) -> None:
    found = certified(*network(example))
    assert found.reason == ""
    for tensor in tensors(found):
        assert tensor.may_be_zero or tensor.widest() <= GOAL * tensor.largest()


@every_finite_example
def test_the_reference_stays_within_its_rounding_of_the_enclosure(example: Example) -> None:
    architecture, leaves, cotangents = network(example)
    found = certified(architecture, leaves, cotangents)
    with np.errstate(all="ignore"):
        outputs, grads = gradients(architecture, leaves, cotangents)
    arrays = [*outputs.values(), *grads.values(), *cotangents.values()]
    size = max(float(np.max(np.abs(array), initial=0.0)) for array in arrays)
    for name, enclosure in (found.outputs | found.gradients).items():
        off = enclosure.distance((outputs | grads)[name])
        assert (off <= 64 * np.finfo(np.float64).eps * size).all()  # as many roundings no op has in a row


def test_precision_is_doubled_until_cancellation_leaves_enough_digits() -> None:
    architecture = chain("layer_norm", normalized_shape=(3,), eps=2.0**-200)
    x = np.array([1.0, 1.0 + 2.0**-52, 1.0 - 2.0**-53])
    y_bar = {"n0": np.array([2.0, 1.0, -1.0])}
    found = certified(architecture, {"x": x}, y_bar)
    assert found.precision > 128
    assert found.reason == ""
    early = certified(architecture, {"x": x}, y_bar, limit=128)
    assert early.precision == 128
    assert early.reason.startswith("at 128 bits the radius of ")
    for one, other in zip(tensors(found), tensors(early), strict=True):
        assert one.overlaps(other).all()


def test_a_gradient_that_is_zero_by_cancellation_is_small_beside_the_others_and_not_proved() -> None:
    leaves = {"x": Leaf("input", (4,)), "b": Leaf("parameter", ())}
    nodes = {
        "shifted": Node(op_class("add")(), ("x", "b")),
        "y": Node(op_class("layer_norm")(normalized_shape=(4,)), ("shifted",)),
    }
    values = {"x": np.array([0.1, 0.7, -0.3, 0.9]), "b": np.array(0.3)}
    found = certified(Architecture(leaves, nodes, ("y",)), values, {"y": np.array([0.3, 1.1, -0.7, 0.2])})
    assert found.reason == ""
    assert found.gradients["b"].may_be_zero
    assert not found.gradients["b"].is_zero
    assert found.gradients["b"].widest() < arb(2) ** -160 * found.gradients["x"].largest()


def test_a_gradient_that_is_zero_is_proved_to_be() -> None:
    found = certified(chain("relu"), {"x": -np.ones(3)}, {"n0": np.ones(3)})
    assert found.reason == ""
    assert found.gradients["x"].is_zero
    assert found.precision == 128


def test_a_product_of_small_factors_is_not_taken_for_zero() -> None:
    architecture = chain(*["sigmoid"] * 12)
    found = certified(architecture, {"x": np.full(3, -60.0)}, {"n11": np.full(3, 2.0**-300)})
    assert found.reason == ""
    assert found.precision == 128
    assert not found.gradients["x"].may_be_zero


def test_what_no_float_shows_needs_no_digits() -> None:
    found = certified(
        chain("softmax"), {"x": np.array([3000.0, 0.0, 0.0])}, {"n0": np.array([1.0, 2.0, 3.0])}
    )
    assert found.reason == ""
    assert 0 < found.gradients["x"].largest() < arb(2) ** -1154


def test_a_hidden_tie_ends_the_doubling_and_is_reported() -> None:
    leaves = {"x": Leaf("input", (3,)), "b": Leaf("parameter", ())}
    nodes = {
        "p": Node(op_class("softmax")(), ("x",)),
        "total": Node(op_class("sum")(), ("p",)),  # 1, which no precision can see
        "zero": Node(op_class("add")(), ("total", "b")),
        "y": Node(op_class("relu")(), ("zero",)),
    }
    architecture = Architecture(leaves, nodes, ("y",))
    values, y_bar = {"x": np.array([0.3, 1.0, -2.0]), "b": np.array(-1.0)}, {"y": np.array(3.0)}
    found = certified(architecture, values, y_bar)
    assert found.reason.endswith("1 decisions are ambiguous")
    assert found.precision == 256
    branches = [
        certified(architecture, values, y_bar, forced=dict(zip(found.ambiguous, ways, strict=True)))
        for ways in product((False, True), repeat=len(found.ambiguous))
    ]
    assert [branch.reason for branch in branches] == ["", ""]
    assert [branch.gradients["b"].high for branch in branches] == [3.0, 0.0]


def test_what_is_not_finite_is_left_open_entry_by_entry() -> None:
    found = certified(chain("tanh"), {"x": np.array([1.0, math.nan, 2.0])}, {"n0": np.ones(3)})
    assert found.reason.endswith("2 entries are not finite")
    assert found.gradients["x"].finite.tolist() == [True, False, True]
    assert found.gradients["x"].distance(np.zeros(3))[0] < 1
    assert not found.gradients["x"].distance(np.zeros(3))[1] < math.inf


# --- enclosures ------------------------------------------------------------------------------------

FLOATS = st.floats(-1e300, 1e300)


@st.composite
def enclosures(draw: Any) -> Enclosure:
    """One ball: a float, something below its last place, and a radius."""
    x, below, radius = draw(FLOATS), draw(st.floats(-1, 1)), draw(st.floats(0, 1))
    scale = draw(st.sampled_from([0.0, 2.0**-50, 2.0**-80, 2.0**-110]))
    with ctx.workprec(2300):
        part = abs(arb(x)) * scale
        return Enclosure(np.asarray(arb(x) + part * below + arb(0, part * radius), object), 2300)


@given(found=enclosures())
def test_high_is_the_midpoint_correctly_rounded_and_low_and_gap_are_the_rest(found: Enclosure) -> None:
    (low_end, high_end), ball = ends(found.data.item()), found.data.item()
    middle = (low_end + high_end) / 2
    assert found.high == float(middle)
    assert found.low == float(middle - Fraction(float(found.high)))
    sum_of_parts = Fraction(float(found.high)) + Fraction(float(found.low))
    assert max(abs(low_end - sum_of_parts), abs(high_end - sum_of_parts)) <= Fraction(float(found.gap))
    assert Fraction(float(found.radius)) >= high_end - middle
    assert found.contains(found.high).item() == (low_end <= Fraction(float(found.high)) <= high_end)
    assert ball in arb(found.shown(digits=30)) or found.shown() == "0"


@given(found=enclosures(), other=FLOATS, steps=st.integers(-3, 3), near=st.booleans())
def test_the_distance_is_never_below_the_truth_and_hardly_above(
    found: Enclosure, other: float, steps: int, near: bool
) -> None:
    x = float(found.high) + steps * math.ulp(float(found.high)) if near else other
    low, high = ends(found.data.item())
    bound = Fraction(float(found.distance(np.asarray(x))))
    assert bound >= max(abs(low - Fraction(x)), abs(high - Fraction(x)))
    middle = abs((low + high) / 2 - Fraction(x))
    slack = 2 * Fraction(float(found.gap)) + Fraction(2) ** -1073
    assert bound <= middle * (1 + Fraction(1, 2**48)) + slack


def test_an_exact_entry_has_no_distance_from_itself() -> None:
    found = certified(chain("relu"), {"x": np.array([0.1, -1.0, 0.0])}, {"n0": np.ones(3)})
    assert found.outputs["n0"].distance(np.array([0.1, 0.0, -0.0])).tolist() == [0.0, 0.0, 0.0]
    assert found.outputs["n0"].distance(np.array([0.1, math.nan, 2.0]))[2] >= 2.0


def test_beyond_the_range_of_floats_nothing_is_bounded() -> None:
    with ctx.workprec(128):
        found = Enclosure(np.array([arb(10) ** 400, arb(10) ** -400], object), 128)
    assert found.high.tolist() == [math.inf, 0.0]
    assert found.finite.all()
    assert not (found.distance(np.zeros(2))[0] < math.inf)
    assert 0 < found.distance(np.zeros(2))[1] <= 2 * math.ulp(0.0)
