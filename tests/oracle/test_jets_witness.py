"""The forward pass alone convicts every wrong gradient, and no right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from flint import arb, ctx

from oracle.numbers.balls_run import Objects
from oracle.numbers.balls_truth import GOAL, Enclosure, certified
from oracle.numbers.jets_witness import Hearing
from reference.architecture import Architecture, Leaf, Node
from reference.op import Op, op_class
from tests.oracle.certified import FINITE, PRECISION, network
from tests.reference.example import Example, row
from tests.reference.examples import EXAMPLES

every_finite = pytest.mark.parametrize("example", FINITE, ids=str)


def hearing(
    architecture: Architecture, leaves: dict[str, Any], cotangents: dict[str, Any], dtype: str = "float64"
) -> Hearing:
    claimed = certified(architecture, leaves, cotangents, dtype).gradients
    return Hearing(architecture, leaves, cotangents, claimed, dtype)


def with_fault(case: Hearing, leaf: str, change: Callable[[Objects], None]) -> Hearing:
    """The same, the gradient of one leaf being changed, as a flat array."""
    data = case.gradients[leaf].data.copy()
    with ctx.workprec(PRECISION):
        change(data.reshape(-1))
    claimed = dict(case.gradients) | {leaf: Enclosure(data, PRECISION)}
    return Hearing(case.architecture, case.leaves, case.cotangents, claimed)


# attributes are rounded to the dtype, in the forward pass as in the backward pass
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_finite
def test_the_forward_pass_agrees_with_every_gradient(example: Example, dtype: str) -> None:
    case = hearing(*network(example), dtype)
    witness = case.along(case.directions(seed=7))
    assert witness.reason == ""
    assert witness.agrees
    assert case.disagreements(seed=8) == []


FAULTS: dict[str, Callable[[Objects, int], None]] = {}


def fault(change: Callable[[Objects, int], None]) -> Callable[[Objects, int], None]:
    FAULTS[change.__name__] = change
    return change


@fault
def a_factor_close_to_one(x_bar: Objects, entry: int) -> None:
    x_bar[entry] *= 1 + arb(2) ** -40


@fault
def a_sign(x_bar: Objects, entry: int) -> None:
    x_bar[entry] = -x_bar[entry]


@fault
def a_term_that_is_left_out(x_bar: Objects, entry: int) -> None:
    x_bar[entry] -= x_bar[entry] / 1024


@fault
def an_entry_that_is_left_out(x_bar: Objects, entry: int) -> None:
    x_bar[entry] = arb(0)


@pytest.mark.parametrize("change", FAULTS.values(), ids=FAULTS)
@every_finite
def test_a_planted_fault_is_caught_and_narrowed_down(
    example: Example, change: Callable[[Objects, int], None]
) -> None:
    case = hearing(*network(example))
    for leaf, gradient in case.gradients.items():
        moved = [entry for entry, ball in enumerate(gradient.data.flat) if not ball.contains(0)]
        for entry in moved[-1:]:
            faulty = with_fault(case, leaf, lambda x_bar, entry=entry: change(x_bar, entry))  # type: ignore[misc]
            assert faulty.along(faulty.directions(seed=9)).disagrees
            (found,) = faulty.disagreements(seed=9)
            assert found.leaf == leaf
            assert found.entry == np.unravel_index(entry, gradient.data.shape)
            assert found.witness.forward.overlaps(gradient.data[found.entry])
            assert found.witness.backward.overlaps(faulty.gradients[leaf].data[found.entry])


def test_two_entries_that_are_swapped_are_caught() -> None:
    case = hearing(*network(row("tanh", (3, 4))))

    def swap(x_bar: Objects) -> None:
        x_bar[[2, 7]] = x_bar[[7, 2]]

    assert with_fault(case, "x0", swap).along(case.directions(seed=1)).disagrees


def test_a_backward_pass_is_never_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("jets know no vjp")

    cases = [hearing(*network(example)) for example in FINITE]
    for name in {example.op.name for example in EXAMPLES}:
        monkeypatch.setattr(op_class(name), "vjp", refuse)
    assert all(case.along(case.directions(seed=2)).agrees for case in cases)


def test_a_direction_is_drawn_again_and_has_over_63_bits() -> None:
    case = hearing(*network(row("linear", (2, 3), (4, 3), (4,))))
    first, again, other = (case.directions(seed) for seed in (3, 3, 4))
    flat = [component for array in first.values() for component in array.flat]
    assert flat == [component for array in again.values() for component in array.flat]
    assert not set(map(str, flat)) & {str(component) for array in other.values() for component in array.flat}
    assert len(set(map(str, flat))) == len(flat) == 22
    assert max(component.bits() for component in flat) in (62, 63)
    assert all(component.is_exact() and abs(component) <= 1 for component in flat)


def test_a_disagreement_is_told_with_its_digits() -> None:
    architecture = network(row("multiply", (2,), ()))[0]
    leaves = {"x0": np.array([3.0, 5.0]), "x1": np.array(0.25)}
    case = hearing(architecture, leaves, {"y": np.array([1.0, 2.0])})
    (found,) = with_fault(case, "x0", lambda x_bar: a_sign(x_bar, 1)).disagreements(seed=5)
    assert str(found) == (
        "the gradient of x0[1] is not the derivative: "
        "forward 0.500000000000000000000000000000, backward -0.500000000000000000000000000000"
    )


# --- where there is no witness ---------------------------------------------------------------------------


def one(name: str, x: list[float], y_bar: Any, **attributes: Any) -> Hearing:
    values = np.array(x)
    architecture = Architecture(
        {"x": Leaf("parameter", values.shape)}, {"y": Node(op_class(name)(**attributes), ("x",))}, ("y",)
    )
    return hearing(architecture, {"x": values}, {"y": np.array(y_bar)})


def test_a_documented_gradient_that_is_not_the_derivative_has_its_witness_too() -> None:
    leaves = {"i": Leaf("index", (3,), 2), "w": Leaf("parameter", (2, 4)), "b": Leaf("parameter", (4,))}
    rng = np.random.default_rng(0)
    values = {"i": np.array([0, 1, 1]), "w": rng.standard_normal((2, 4)), "b": rng.standard_normal(4)}
    for documented in ({"padding_idx": 0}, {"scale_grad_by_freq": True}):
        nodes = {
            "doubled": Node(op_class("add")(), ("w", "w")),
            "e": Node(op_class("embedding")(**documented), ("i", "doubled")),
            "y": Node(op_class("multiply")(), ("e", "b")),
        }
        case = hearing(Architecture(leaves, nodes, ("y",)), values, {"y": rng.standard_normal((3, 4))})
        assert case.along(case.directions(seed=1)).agrees
        # the derivative is not what is documented
        plain = Architecture(leaves, nodes | {"e": Node(op_class("embedding")(), nodes["e"].inputs)}, ("y",))
        assert replace(case, architecture=plain).along(case.directions(seed=1)).disagrees


@pytest.mark.parametrize("order", [("z", "b"), ("b", "z")])
def test_a_kink_whose_ways_differ_by_less_than_the_goal_is_no_disagreement(order: tuple[str, str]) -> None:
    """a + tiny · max(z, b), where z = b: ways and rule differ by 2⁻¹⁰⁰ of the whole, balls by less."""
    nodes = {
        "m": Node(op_class("maximum")(), order),
        "c": Node(op_class("multiply")(), ("m", "tiny")),
        "y": Node(op_class("add")(), ("a", "c")),
    }
    leaves = {"a": 0.7, "tiny": 2.0**-100, "z": 1.3, "b": 1.3}
    architecture = Architecture({name: Leaf("input", ()) for name in leaves}, nodes, ("y",))
    case = hearing(architecture, {k: np.array(v) for k, v in leaves.items()}, {"y": np.array(1.0)})
    for share in ([1, 0], [0, 1]):  # whatever convention the rule has
        claimed = {**case.gradients}
        for name, part in zip(("z", "b"), share, strict=True):
            claimed[name] = Enclosure(np.array(arb(part) * arb(2) ** -100, object), PRECISION)
        assert not replace(case, gradients=claimed).along(case.directions(seed=1)).disagrees


class TwiceAndThrice(Op):
    """2x, and 3x as a constant."""

    constant_outputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, x: Any) -> Any:
        return x, x

    def forward(self, x: Any) -> Any:
        return (2 * x, 3 * x), None

    def vjp(self, residuals: Any, *y_bar: Any) -> Any:
        return (2 * y_bar[0],)


def test_through_an_output_that_is_constant_nothing_moves() -> None:
    nodes = {"y": Node(TwiceAndThrice(), ("x",)), "z": Node(op_class("multiply")(), ("y", "y:1"))}
    architecture = Architecture({"x": Leaf("parameter", (2,))}, nodes, ("z", "y:1"))
    y_bar = {"z": np.array([1.0, 2.0]), "y:1": np.zeros(2)}
    case = hearing(architecture, {"x": np.array([5.0, 7.0])}, y_bar)
    assert case.along(case.directions(seed=1)).agrees
    assert case.gradients["x"].high.tolist() == [6 * 5.0, 2 * 6 * 7.0]


def test_at_an_exact_kink_nothing_is_claimed() -> None:
    case = one("relu", [0.0, 1.0], [3.0, 2.0])
    witness = case.along(case.directions(seed=1))
    assert (witness.agrees, witness.disagrees) == (False, False)
    assert witness.kinks == 1
    assert witness.reason == "not differentiable here"
    assert case.disagreements(seed=1) == []


def test_beside_a_kink_a_fault_is_still_caught() -> None:
    case = one("relu", [1.0, -1.0], [3.0, 2.0])
    assert with_fault(case, "x", lambda x_bar: a_factor_close_to_one(x_bar, 0)).disagreements(seed=1)


def test_a_kink_on_the_paths_of_one_leaf_is_no_other_leafs() -> None:
    nodes = {
        "a": Node(op_class("relu")(), ("x",)),
        "y": Node(op_class("multiply")(), ("a", "w")),
    }
    architecture = Architecture({"x": Leaf("input", (2,)), "w": Leaf("parameter", (2,))}, nodes, ("y",))
    values = {"x": np.array([0.0, 3.0]), "w": np.array([5.0, 7.0])}
    case = hearing(architecture, values, {"y": np.array([1.0, 2.0])})
    assert case.along(case.directions(seed=1)).reason == "not differentiable here"
    assert {leaf: witness.agrees for leaf, witness in case.by_leaf(seed=1).items()} == {"w": True, "x": False}


def test_a_gradient_that_rests_on_a_guess_is_not_accused() -> None:
    nodes = {
        "third": Node(op_class("divide")(), ("x", "w")),
        "whole": Node(op_class("multiply")(), ("third", "w")),  # x, as far as balls can tell
        "twin": Node(op_class("concatenate")(), ("whole", "x")),
        "y": Node(op_class("amax")(dim=(0,)), ("twin",)),
    }
    architecture = Architecture({"x": Leaf("input", (1,)), "w": Leaf("state", ())}, nodes, ("y",))
    case = hearing(architecture, {"x": np.array([5.0]), "w": np.array(3.0)}, {"y": np.array(7.0)})
    assert case.along(case.directions(seed=1)).agrees  # either way the derivative is 7
    witness = with_fault(case, "x", lambda x_bar: a_sign(x_bar, 0)).along(case.directions(seed=1))
    assert witness.reason == "the gradient rests on decisions that are ambiguous"


def test_what_rests_is_run_once_and_its_guesses_are_told_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {
        "third": Node(op_class("divide")(), ("x", "x3")),
        "whole": Node(op_class("multiply")(), ("third", "x3")),  # x, as far as balls can tell
        "twin": Node(op_class("concatenate")(), ("whole", "x")),
        "top": Node(op_class("amax")(dim=(0,)), ("twin",)),
        "y": Node(op_class("multiply")(), ("top", "w")),
    }
    leaves = {"x": Leaf("input", (1,)), "x3": Leaf("input", ()), "w": Leaf("parameter", ())}
    values = {"x": np.array([5.0]), "x3": np.array(3.0), "w": np.array(2.0)}
    case = hearing(Architecture(leaves, nodes, ("y",)), values, {"y": np.array(7.0)})
    divide: Any = op_class("divide")
    forward = divide.forward
    runs = []

    def counted(self: Op, *inputs: Any) -> Any:
        runs.append(self)
        return forward(self, *inputs)

    monkeypatch.setattr(divide, "forward", counted)
    first, second = (case.along({"w": case.directions(seed)["w"]}) for seed in (1, 2))
    assert (len(runs), first.agrees, second.agrees) == (1, True, True)
    assert first.ambiguous == second.ambiguous != {}


def test_a_tie_that_makes_no_difference_is_no_kink() -> None:
    case = one("softmax", [1.0, 1.0, 0.0], [3.0, 2.0, 1.0])
    witness = case.along(case.directions(seed=1))
    assert witness.kinks > 0
    assert witness.agrees


def test_what_is_not_finite_is_no_witness() -> None:
    case = one("power", [0.0, 4.0], [3.0, 2.0], exponent=0.5)
    witness = case.along(case.directions(seed=1))
    assert witness.reason == "the directional derivative is not finite"


def test_a_cotangent_of_zero_hides_what_is_not_finite() -> None:
    case = one("power", [0.0, 4.0], [0.0, 2.0], exponent=0.5)
    assert case.along({"x": np.array([arb(0), arb(1)])}).agrees


def test_a_wide_gradient_is_no_witness() -> None:
    case = one("tanh", [0.5], [1.0])
    wide = with_fault(case, "x", lambda x_bar: x_bar.__setitem__(0, x_bar[0] + arb(0, 2.0**-70)))
    witness = wide.along(wide.directions(seed=1))
    assert witness.reason == "a radius misses the goal"
    assert witness.forward.rad() <= GOAL


def test_a_gradient_that_is_zero_by_cancellation_is_borne_out() -> None:
    nodes = {"a": Node(op_class("tanh")(), ("x",)), "y": Node(op_class("softmax")(), ("a",))}  # 1, always
    architecture = Architecture({"x": Leaf("input", (1,))}, nodes, ("y",))
    case = hearing(architecture, {"x": np.array([0.3])}, {"y": np.array([3.0])})
    witness = case.along(case.directions(seed=1))
    assert 0 in witness.forward
    assert 0 in witness.backward
    assert witness.agrees


def test_precision_is_doubled_until_the_radii_are_small() -> None:
    case = one(
        "layer_norm", [1.0, 1.0 + 2.0**-52, 1.0], [2.0, 1.0, -1.0], normalized_shape=(3,), eps=2.0**-200
    )
    assert case.gradients["x"].precision > PRECISION
    early = {"x": Enclosure(case.gradients["x"].data, PRECISION)}
    assert (
        Hearing(case.architecture, case.leaves, case.cotangents, early).along(case.directions(seed=1)).agrees
    )
