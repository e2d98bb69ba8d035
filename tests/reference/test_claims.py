"""The nine claims of the chapter, each of them a test.

A claim that is exact is tested by equality, on small integers, or where two sides do the same operations
in the same order.  Where rounding has a part in it, the oracle judges, and the other side is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest

from bench import millions
from bench.backward import parts
from examples.digits import train
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict, Verdict
from reference.architecture import Architecture, Leaf, Node
from reference.backprop import backward_pass, forward_pass, gradients
from reference.graph import Nodes
from reference.layers import dense_network, dl_dw, dz_dw, layers
from reference.ops.activation.relu import Relu
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.activation.tanh import Tanh
from reference.ops.arithmetic.add import Add
from reference.ops.arithmetic.multiply import Multiply
from reference.ops.linear.linear import Linear
from reference.ops.loss.mse import Mse
from reference.reversed_network import reverse
from reference.worked_network import solve, worked_network
from reference.worked_page import page
from tests.reference.claims import (
    SAMPLES,
    By,
    Counted,
    by_the_chapter,
    by_torch_func,
    classifier,
    multiplications,
    of_each_sample,
)

ONE = {"l": np.ones(())}


def draw(net: Architecture, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal(leaf.shape)
        if leaf.bound is None
        else rng.integers(leaf.bound, size=leaf.shape)
        for name, leaf in net.leaves.items()
    }


def verdict(net: Architecture, leaves: Mapping[str, Any], candidate: Any, y_bar: Any = ONE) -> CaseVerdict:
    layouts = dict.fromkeys((*leaves, *y_bar), "contiguous")
    return judge(Case(net, "float64", leaves, y_bar, layouts), candidate)


def agrees(found: CaseVerdict) -> bool:
    """Every tensor, and none of them for want of evidence."""
    return bool(found.tensors) and {tensor.verdict for tensor in found.tensors} == {Verdict.AGREE}


def test_claim_1_gradient_descent_lowers_the_loss_and_both_sides_take_the_same_steps() -> None:
    records = list(islice(train(every=9), 201))
    assert [record.step for record in records if not agrees(record.gradients)] == []
    assert [record.step for record in records if record.beyond] == []
    assert all(after.loss < before.loss for before, after in pairwise(records))
    assert records[-1].accuracy > 0.99
    assert records[-1].held_out > 0.8


def derivative(nodes: Nodes, at: Mapping[str, float], z_bar: float) -> dict[str, float]:
    """∂l/∂v of every leaf v of a network of scalars, given ∂l/∂z; whatever is no node is a leaf."""
    net = Architecture({name: Leaf("parameter", ()) for name in at}, nodes, ("z",))
    _, found = gradients(net, {name: np.array(value) for name, value in at.items()}, {"z": np.array(z_bar)})
    return {name: float(value) for name, value in found.items()}


def test_claim_2_the_chain_rule_multiplies_along_a_path_and_adds_over_paths() -> None:
    # case 1: y = g(s), z = h(y); by steps, and in one network
    s, z_bar = 0.7, 3.0
    g, h = Node(Sigmoid(), ("s",)), Node(Tanh(), ("y",))
    (y,), _ = Sigmoid().forward(np.array(s))
    dl_dy = derivative({"z": h}, {"y": y}, z_bar)["y"]
    dl_ds = derivative({"z": g}, {"s": s}, dl_dy)["s"]
    assert derivative({"y": g, "z": h}, {"s": s}, z_bar) == {"s": dl_ds}
    # case 2: x = g(s), y = h(s), z = x y; and with an s of its own for each path
    fork = {"x": Node(Sigmoid(), ("s",)), "y": Node(Tanh(), ("s",)), "z": Node(Multiply(), ("x", "y"))}
    paths = derivative(fork | {"y": Node(Tanh(), ("r",))}, {"s": s, "r": s}, z_bar)
    assert 0 not in paths.values()
    assert derivative(fork, {"s": s}, z_bar) == {"s": paths["s"] + paths["r"]}
    # and torch finds the same
    for nodes in ({"y": g, "z": h}, fork):
        net = Architecture({"s": Leaf("parameter", ())}, nodes, ("z",))
        assert agrees(verdict(net, {"s": np.array(s)}, TorchAutograd(), {"z": np.array(z_bar)}))


def test_claim_3_the_total_losss_gradient_is_the_sum_over_samples_and_the_costs_is_that_over_n() -> None:
    total, cost = classifier(SAMPLES, "sum"), classifier(SAMPLES, "mean")
    leaves = draw(total)
    for per_sample in (of_each_sample, by_torch_func):
        assert agrees(verdict(total, leaves, By(per_sample)))
    _, of_total = gradients(total, leaves, ONE)
    _, of_cost = gradients(cost, leaves, ONE)
    for name in total.differentiable_leaves:
        np.testing.assert_array_equal(of_total[name], SAMPLES * of_cost[name])  # N = 2³: exact


def test_claim_4_dz_dw_is_what_the_weights_input_carries_before_any_backward_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = dense_network((3,), (4, 2), Relu(), Mse())
    rng = np.random.default_rng(0)
    leaves = {name: rng.integers(-9, 10, leaf.shape).astype(float) for name, leaf in net.leaves.items()}
    with monkeypatch.context() as forbid:
        for op in (Linear, Relu, Mse):
            forbid.setattr(op, "vjp", None)
        forward = forward_pass(net, leaves)
        carried = dz_dw(net, forward)
    assert all(np.any(values) for values in carried.values())
    for layer in layers(net):
        for j, i in np.ndindex(leaves[layer.weight].shape):
            moved = leaves[layer.weight].copy()
            moved[j, i] += 1  # z is affine in w, and these are integers: the difference is the derivative
            z = forward_pass(net, leaves | {layer.weight: moved}).values[layer.z]
            derivative_of_z = np.where(np.arange(len(z)) == j, carried[layer.z][i], 0)
            np.testing.assert_array_equal(z - forward.values[layer.z], derivative_of_z)


def probed(net: Architecture) -> Architecture:
    """The network with a leaf d added to every z: ∂l/∂d is ∂l/∂z."""
    leaves, nodes = dict(net.leaves), dict(net.nodes)
    for layer in layers(net):
        leaves[f"d_{layer.z}"] = Leaf("input", net.shapes[layer.z])
        nodes[f"p_{layer.z}"] = Node(Add(), (layer.z, f"d_{layer.z}"))
        nodes[layer.a] = Node(nodes[layer.a].op, (f"p_{layer.z}",))
    return Architecture(leaves, nodes, net.outputs)


def test_claim_5_the_backward_pass_gives_dl_dz_of_output_and_hidden_layers_and_keeps_it() -> None:
    net = dense_network((3,), (4, 5, 2), Sigmoid(), Mse(reduction="sum"))
    leaves = draw(net)
    probes = {f"d_{layer.z}": np.zeros(net.shapes[layer.z]) for layer in layers(net)}
    for candidate in (By(by_the_chapter), TorchAutograd()):
        assert agrees(verdict(probed(net), leaves | probes, candidate))
    kept = backward_pass(net, forward_pass(net, leaves), ONE)
    _, found = gradients(probed(net), leaves | probes, ONE)
    for name in probes:
        np.testing.assert_array_equal(kept[name.removeprefix("d_")], found[name])
    assert all(f"∂l/∂z{number} = " in page() for number in "₁₂₃₄₅₆")


def test_claim_6_the_reversed_network_run_forward_is_the_backward_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = dense_network((6, 3), (4, 5, 2), Sigmoid(), Mse(reduction="sum"))
    leaves = draw(net)
    forward = forward_pass(net, leaves)
    turned = reverse(net, forward)
    a = {layer.z: forward.values[layer.a] for layer in layers(net)}
    for z, gain in a.items():
        np.testing.assert_array_equal(turned.constants[f"gain_a{z[1:]}"], gain * (1 - gain))
    for w in ("w2", "w3"):
        np.testing.assert_array_equal(turned.constants[w], leaves[w].T)
    v_bar = backward_pass(net, forward, ONE)
    with monkeypatch.context() as forbid:  # nothing that runs here is a derivative
        for op in (Linear, Sigmoid, Mse, Multiply):
            forbid.setattr(op, "vjp", None)
        found = turned.run(v_bar["a3"])
        of_weights = dl_dw(net, forward, found)
    assert found.keys() == {"z1", "a1", "z2", "a2", "z3", "a3"}
    assert of_weights.keys() == {"w1", "b1", "w2", "b2", "w3", "b3"}
    for name, value in {**found, **of_weights}.items():
        np.testing.assert_array_equal(value, v_bar[name])
    y_bar = {"z1": np.random.default_rng(1).standard_normal((6, 4))}  # a network like any other
    assert agrees(
        verdict(turned.architecture, {**turned.constants, "a3": v_bar["a3"]}, TorchAutograd(), y_bar)
    )


def test_claim_7_the_worked_network_has_the_numbers_that_figure_7_prints() -> None:
    net, leaves = worked_network()
    assert leaves["x"].tolist() == [1, -1]
    assert [leaves[f"w{k}"].tolist() for k in (1, 2, 3)] == [
        [[1, -2], [-1, 1]],
        [[2, -1], [-2, -1]],
        [[3, -1], [-1, 4]],
    ]
    assert [leaves[f"b{k}"].tolist() for k in (1, 2, 3)] == [[1, 0], [0, 0], [-2, 2]]
    found = solve()
    activations = [[f"{a:.2f}" for a in found.values[f"a{k}"]] for k in (1, 2, 3)]
    assert activations == [["0.98", "0.12"], ["0.86", "0.11"], ["0.62", "0.83"]]
    assert [f"{found.dz_dw[f'z{k}'][1]:.2f}" for k in (1, 2, 3)] == ["-1.00", "0.12", "0.11"]
    v_bar = backward_pass(net, forward_pass(net, leaves), ONE)
    for name, value in {**found.dl_dz, **found.dl_da, **found.dl_dw}.items():
        np.testing.assert_array_equal(value, v_bar[name])
    assert agrees(verdict(net, leaves, TorchAutograd()))


def test_claim_8_delta_alone_needs_no_more_products_than_the_forward_pass_and_all_gradients_twice() -> None:
    net = dense_network((16, 7), (11, 5, 3), Sigmoid(), Mse())
    leaves = {name: array.view(Counted) for name, array in draw(net).items()}
    forward, delta, with_weights, engine = map(multiplications, parts(net, leaves))
    first = 16 * 7 * 11  # of the first layer, which nothing is led back through unless ∂l/∂x is wanted
    assert forward == 16 * (7 * 11 + 11 * 5 + 5 * 3)
    assert delta == forward - first
    assert with_weights == 2 * forward - first
    assert engine == 2 * forward


def test_claim_9_ten_million_parameters_run_on_both_sides_and_are_judged() -> None:
    assert millions.network(millions.JUDGED).parameters > 10_000_000
    assert millions.verdict("float64").startswith("agree, 10 tensors, 10,027,147 entries")
