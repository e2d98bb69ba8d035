"""Chains of dense layers, their reversal, and descent along their gradients."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from reference.architecture import Architecture, ArchitectureError, Leaf, Node
from reference.backprop import backward_pass, forward_pass
from reference.gradient_descent import gradient_descent
from reference.layers import ACTIVATIONS, dense_network, dl_dw, layers
from reference.op import op_class
from reference.ops.activation.relu import Relu
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.loss.cross_entropy import CrossEntropy
from reference.ops.loss.mse import Mse
from reference.reversed_network import reverse


def node(op: str, *inputs: str, **attributes: Any) -> Node:
    return Node(op_class(op)(**attributes), inputs)


def square(nodes: dict[str, Node], *parameters: str, outputs: tuple[str, ...] = ("y",)) -> Architecture:
    return Architecture({name: Leaf("parameter", (2, 2)) for name in parameters}, nodes, outputs)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_leads_from_every_z_to_its_own_a_alone(name: str) -> None:
    op = op_class(name)()
    _, residuals = op.forward(np.array([-0.5, 0.25, 1.5]))
    jacobian = np.array([op.vjp(residuals, row)[0] for row in np.eye(3)])
    np.testing.assert_array_equal(jacobian, np.diag(np.diag(jacobian)))


@pytest.mark.parametrize(
    ("nodes", "parameters", "told"),
    [
        ({"y": node("softmax", "z", dim=0), "z": node("linear", "x", "w")}, "xw", "y: a chain"),
        ({"a": node("tanh", "z"), "y": node("tanh", "a"), "z": node("linear", "x", "w")}, "xw", "a: a chain"),
        ({"y": node("tanh", "x")}, "x", "x: a chain"),
        ({"z": node("linear", "x", "w"), "y": node("add", "x", "z")}, "xw", "y: a chain"),
        ({"v": node("tanh", "w"), "y": node("linear", "x", "v")}, "xw", "y: v is computed"),
    ],
)
def test_what_is_no_chain_of_dense_layers_is_refused(
    nodes: dict[str, Node], parameters: str, told: str
) -> None:
    with pytest.raises(ArchitectureError, match=f"^{told}"):
        layers(square(nodes, *parameters))


def test_a_node_beside_the_chain_and_a_loss_of_a_leaf_are_refused() -> None:
    nodes = {"y": node("linear", "x", "w"), "z": node("linear", "x", "v")}
    with pytest.raises(ArchitectureError, match=r"^z: not part"):
        layers(square(nodes, "x", "w", "v", outputs=("y", "z")))
    with pytest.raises(ArchitectureError, match=r"^x: not part"):
        layers(square({"y": node("mse", "x", "t")}, "x", "t"))


@pytest.mark.parametrize("last", [True, False])
def test_layers_without_activation_without_bias_and_with_tied_weights_are_turned_round(last: bool) -> None:
    nodes = {
        "p": node("linear", "x", "w"),
        "q": node("linear", "p", "v"),
        "r": node("tanh", "q"),
        "y": node("linear", "r", "w"),
    }
    if last:
        nodes["out"] = node("relu", "y")
    output = "out" if last else "y"
    net = square(nodes, "x", "w", "v", outputs=(output,))
    rng = np.random.default_rng(0)
    leaves = {name: rng.standard_normal((2, 2)) for name in net.leaves}
    forward = forward_pass(net, leaves)
    y_bar = rng.standard_normal((2, 2))
    v_bar = backward_pass(net, forward, {output: y_bar})
    found = reverse(net, forward).run(y_bar)
    assert found.keys() == {*nodes}
    for name, value in {**found, **dl_dw(net, forward, found)}.items():
        np.testing.assert_array_equal(value, v_bar[name])


def test_one_reversed_network_serves_every_dl_dy_since_its_gains_are_constants() -> None:
    net = dense_network((5, 3), (4, 2), Sigmoid(), Mse())
    rng = np.random.default_rng(0)
    leaves = {name: rng.standard_normal(leaf.shape) for name, leaf in net.leaves.items()}
    forward = forward_pass(net, leaves)
    turned = reverse(net, forward)
    one, two = rng.standard_normal((2, 5, 2))
    found = turned.run(one)
    for name, value in turned.run(4 * one).items():  # linear, and exactly so for a power of two
        np.testing.assert_array_equal(value, 4 * found[name])
    assert not np.array_equal(turned.run(two)["z1"], found["z1"])


def test_the_last_layer_hands_logits_to_a_loss_of_class_indices() -> None:
    net = dense_network((7, 5), (4, 3), Relu(), CrossEntropy(), logits=True)
    assert net.leaves["t"] == Leaf("index", (7,), 3)
    assert [(layer.z, layer.a) for layer in layers(net)] == [("z1", "a1"), ("z2", "z2")]


def test_a_step_of_gradient_descent_is_theta_minus_eta_times_the_gradient() -> None:
    net = dense_network((4, 3), (2,), Relu(), Mse(reduction="sum"))
    rng = np.random.default_rng(0)
    leaves = {name: rng.integers(-4, 5, leaf.shape).astype(float) for name, leaf in net.leaves.items()}
    before = {name: value.copy() for name, value in leaves.items()}
    first, second = islice(gradient_descent(net, leaves, 2.0**-10), 2)
    v_bar = backward_pass(net, forward_pass(net, leaves), {"l": np.ones(())})
    assert first.parameters.keys() == {"w1", "b1"}
    assert first.loss == forward_pass(net, leaves).values["l"] > second.loss > 0
    for name in first.parameters:
        np.testing.assert_array_equal(first.parameters[name], before[name])
        np.testing.assert_array_equal(second.parameters[name], before[name] - 2.0**-10 * v_bar[name])
    for name in leaves:
        np.testing.assert_array_equal(leaves[name], before[name])


def test_descent_keeps_the_dtype() -> None:
    net = dense_network((3,), (2,), Sigmoid(), Mse())
    leaves = {name: np.ones(leaf.shape, np.float32) for name, leaf in net.leaves.items()}
    last = list(islice(gradient_descent(net, leaves, 0.1), 3))[-1]
    assert {array.dtype for array in (*last.parameters.values(), last.loss)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("outputs", [("y",), ("y", "z")])
def test_descent_needs_one_scalar_to_descend_on(outputs: tuple[str, ...]) -> None:
    nodes = {"y": node("linear", "x", "w")} | ({"z": node("sum", "w")} if "z" in outputs else {})
    with pytest.raises(ArchitectureError, match=r"^outputs: gradient descent needs one, a scalar; y is "):
        next(gradient_descent(square(nodes, "x", "w", outputs=outputs), {}, 0.1))
