"""The backward pass adds where paths meet, visits every node once, and is the chain rule."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from reference.architecture import Architecture, ArchitectureError, Leaf, Node
from reference.backprop import backward_pass, forward_pass, gradients
from reference.op import Op, op_class


def node(op: str, *inputs: str | None, **attributes: Any) -> Node:
    return Node(op_class(op)(**attributes), inputs)


def parameters(**shapes: tuple[int, ...]) -> dict[str, Leaf]:
    return {name: Leaf("parameter", shape) for name, shape in shapes.items()}


def draw(net: Architecture, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(leaf.shape) for name, leaf in net.leaves.items()}


def test_fan_out_adds() -> None:
    # y = x σ(x): x reaches y along two paths
    nodes = {"s": node("sigmoid", "x"), "y": node("multiply", "x", "s")}
    net = Architecture(parameters(x=(3,)), nodes, ("y",))
    x, y_bar = np.array([-1.0, 0.0, 2.0]), np.array([3.0, -5.0, 7.0])
    _, found = gradients(net, {"x": x}, {"y": y_bar})
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(found["x"], y_bar * (s + x * s * (1 - s)), rtol=1e-15)


def test_one_wire_at_both_inputs_of_a_node_adds() -> None:
    net = Architecture(parameters(x=()), {"y": node("multiply", "x", "x")}, ("y",))
    _, found = gradients(net, {"x": np.array(3.0)}, {"y": np.array(5.0)})
    assert found["x"] == 30  # 5 · d(x²)/dx


def test_tied_weights_have_the_sum_of_the_gradients_of_untied_ones() -> None:
    def two_layers(second: str) -> Architecture:
        nodes = {"z": node("linear", "x", "w"), "a": node("tanh", "z"), "y": node("linear", "a", second)}
        return Architecture(parameters(x=(2, 3), **dict.fromkeys(("w", second), (3, 3))), nodes, ("y",))

    tied, untied = two_layers("w"), two_layers("v")
    leaves = draw(tied)
    y_bar = {"y": np.random.default_rng(1).standard_normal((2, 3))}
    _, together = gradients(tied, leaves, y_bar)
    _, apart = gradients(untied, leaves | {"v": leaves["w"]}, y_bar)
    np.testing.assert_array_equal(together["w"], apart["v"] + apart["w"])
    np.testing.assert_array_equal(together["x"], apart["x"])


def test_gradients_of_several_outputs_add() -> None:
    nodes = {"h": node("tanh", "x"), "p": node("softmax", "h"), "q": node("sum", "h")}  # h is one as well
    net = Architecture(parameters(x=(2, 3)), nodes, ("h", "p", "q"))
    leaves, rng = draw(net), np.random.default_rng(1)
    bars = {wire: np.asarray(rng.standard_normal(net.shapes[wire])) for wire in net.outputs}
    outputs, found = gradients(net, leaves, bars)
    assert outputs.keys() == {"h", "p", "q"}
    alone = [
        gradients(net, leaves, {w: bar if w == wire else 0 * bar for w, bar in bars.items()})[1]["x"]
        for wire in bars
    ]
    np.testing.assert_allclose(found["x"], sum(alone), rtol=1e-13)


def test_two_layers_follow_the_formulas_on_paper() -> None:
    nodes = {
        "z1": node("linear", "x", "w1", "b1"),
        "a1": node("sigmoid", "z1"),
        "z2": node("linear", "a1", "w2", "b2"),
        "a2": node("sigmoid", "z2"),
        "cost": node("mse", "a2", "t", reduction="sum"),
    }
    shapes = {"x": (5, 4), "w1": (3, 4), "b1": (3,), "w2": (2, 3), "b2": (2,), "t": (5, 2)}
    net = Architecture(parameters(**shapes), nodes, ("cost",))
    leaf = draw(net)
    _, found = gradients(net, leaf, {"cost": np.array(1.0)})

    a1 = 1 / (1 + np.exp(-(leaf["x"] @ leaf["w1"].T + leaf["b1"])))
    a2 = 1 / (1 + np.exp(-(a1 @ leaf["w2"].T + leaf["b2"])))
    delta2 = 2 * (a2 - leaf["t"]) * a2 * (1 - a2)
    delta1 = (delta2 @ leaf["w2"]) * a1 * (1 - a1)
    paper = {
        "w2": delta2.T @ a1,
        "b2": delta2.sum(axis=0),
        "w1": delta1.T @ leaf["x"],
        "b1": delta1.sum(axis=0),
        "x": delta1 @ leaf["w1"],
        "t": -2 * (a2 - leaf["t"]),
    }
    assert found.keys() == paper.keys()
    for name, gradient in paper.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-12, err_msg=name)


def test_an_optional_input_may_be_left_out_between_others() -> None:
    nodes = {"y": node("layer_norm", "x", None, "b", normalized_shape=(3,))}
    net = Architecture(parameters(x=(2, 3), b=(3,)), nodes, ("y",))
    y_bar = np.arange(6.0).reshape(2, 3)
    _, found = gradients(net, draw(net), {"y": y_bar})
    np.testing.assert_array_equal(found["b"], y_bar[0] + y_bar[1])


def test_indices_have_no_gradient() -> None:
    leaves = parameters(x=(2, 3)) | {"t": Leaf("index", (2,), 3)}
    net = Architecture(leaves, {"l": node("cross_entropy", "x", "t")}, ("l",))
    _, found = gradients(net, {"x": np.zeros((2, 3)), "t": np.array([0, 2])}, {"l": np.array(6.0)})
    assert found.keys() == {"x"}
    np.testing.assert_allclose(found["x"], [[-2, 1, 1], [1, 1, -2]], rtol=1e-15)


def test_every_node_is_visited_once_however_many_paths_there_are() -> None:
    # x is doubled a thousand times: 2¹⁰⁰⁰ paths lead from the output back to x
    nodes = {f"n{k}": node("add", *[f"n{k - 1}" if k else "x"] * 2) for k in range(1000)}
    net = Architecture(parameters(x=()), nodes, ("n999",))
    _, found = gradients(net, {"x": np.array(1.0)}, {"n999": np.array(3.0)})
    assert found["x"] == 3 * 2.0**1000


def test_every_wire_that_the_loss_depends_on_has_a_cotangent() -> None:
    nodes = {"h": node("relu", "x"), "y": node("sum", "h")}
    net = Architecture(parameters(x=(2,)), nodes, ("y",))
    forward = forward_pass(net, {"x": np.array([-1.0, 2.0])})
    assert {name: value.tolist() for name, value in forward.values.items()} == {
        "x": [-1, 2],
        "h": [0, 2],
        "y": 2,
    }
    v_bar = backward_pass(net, forward, {"y": np.array(3.0)})
    assert {name: bar.tolist() for name, bar in v_bar.items()} == {"x": [0, 3], "h": [3, 3], "y": 3}


def test_neither_values_nor_cotangents_are_modified() -> None:
    nodes = {"h": node("linear", "x", "w", "b"), "y": node("add", "h", "x"), "z": node("multiply", "y", "h")}
    net = Architecture(parameters(x=(2, 2), w=(2, 2), b=(2,)), nodes, ("h", "y", "z"))
    leaves = draw(net)
    bars = {wire: np.ones((2, 2)) for wire in net.outputs}
    for array in (*leaves.values(), *bars.values()):
        array.setflags(write=False)  # writing raises
    first, second = (gradients(net, leaves, bars)[1] for _ in range(2))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


class Fork(Op):
    """An op of two outputs, z and 2 z."""

    def infer(self, z: Any) -> tuple[Any, ...]:
        return z, z

    def forward(self, z: Any) -> tuple[tuple[Any, ...], Any]:
        return (z, 2 * z), None

    def vjp(self, residuals: Any, first_bar: Any, second_bar: Any) -> tuple[Any, ...]:
        return (first_bar + 2 * second_bar,)


def test_an_output_that_nobody_uses_has_the_cotangent_zero() -> None:
    nodes = {"n": Node(Fork(), ("x",)), "y": node("tanh", "n:1")}
    net = Architecture(parameters(x=(1,)), nodes, ("y",))
    _, found = gradients(net, {"x": np.zeros(1)}, {"y": np.array([3.0])})
    assert found["x"] == 6


# --- what has no gradient ------------------------------------------------------------------------


class Centre(Op):
    """x − m where kept, and 2 m, which is constant: a state, a mask and an output of either kind."""

    kinds: ClassVar[dict[str, str]] = {"m": "state", "kept": "mask"}
    constant_outputs: ClassVar[tuple[int, ...]] = (1,)

    def infer(self, x: Any, m: Any, kept: Any) -> tuple[Any, ...]:
        return x, m

    def forward(self, x: Any, m: Any, kept: Any) -> tuple[tuple[Any, ...], Any]:
        return (np.where(kept, x - m, 0), 2 * m), kept

    def vjp(self, residuals: Any, y_bar: Any, m_bar: Any) -> tuple[Any, ...]:
        return np.where(residuals, y_bar, 0), None, None


STATES = {"m": Leaf("state", (2,)), "k": Leaf("mask", (2,))}
VALUES = {"x": np.array([1.0, 5.0]), "m": np.array([2.0, 3.0]), "k": np.array([True, False])}


def centred(outputs: tuple[str, ...], **others: Node) -> Architecture:
    nodes = {"c": Node(Centre(), ("x", "m", "k")), **others}
    return Architecture(parameters(x=(2,)) | STATES, nodes, outputs)


def test_states_and_masks_have_no_gradient() -> None:
    net = centred(("c", "c:1"))
    outputs, found = gradients(net, VALUES, {"c": np.array([3.0, 7.0]), "c:1": np.zeros(2)})
    assert {wire: y.tolist() for wire, y in outputs.items()} == {"c": [-1, 0], "c:1": [4, 6]}
    assert {leaf: bar.tolist() for leaf, bar in found.items()} == {"x": [3, 0]}


def test_no_cotangent_passes_through_a_constant_output() -> None:
    net = centred(("c", "y"), y=node("multiply", "x", "c:1"))
    bars = {"c": np.array([3.0, 7.0]), "y": np.array([1.0, 1.0])}
    _, found = gradients(net, VALUES, bars)
    assert found["x"].tolist() == [3 + 4, 0 + 6]
    v_bar = backward_pass(net, forward_pass(net, VALUES), bars)
    assert not v_bar["c:1"].any()


def test_a_leaf_that_reaches_constant_outputs_alone_has_the_gradient_zero() -> None:
    net = centred(("t",), t=node("tanh", "c:1"))
    assert net.differentiable == {"x", "c"}
    assert net.connected == set()
    _, found = gradients(net, VALUES | {"x": np.array([np.inf, np.nan])}, {"t": np.zeros(2)})
    assert found["x"].tolist() == [0, 0]


def test_a_state_takes_only_what_depends_on_no_differentiable_leaf() -> None:
    again = Node(Centre(), ("x", "c:1", "k"))
    assert centred(("c", "d", "d:1"), d=again).differentiable == {"x", "c", "d"}
    with pytest.raises(ArchitectureError, match="m of test_backprop takes a wire of kind state, c is diff"):
        centred(("c:1", "d"), d=Node(Centre(), ("x", "c", "k")))
    with pytest.raises(ArchitectureError, match="kept of test_backprop takes a wire of kind mask, m is f"):
        centred(("c", "d"), d=Node(Centre(), ("x", "m", "m")))
