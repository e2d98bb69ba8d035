"""Torch is asked for the gradients that exist, and for no others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from oracle.candidates import torch_autograd
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.counterparts import counterpart
from reference.architecture import Architecture
from reference.backprop import gradients
from tests.reference.test_backprop import VALUES, centred, node

BARS = {"c": np.array([3.0, 7.0]), "y": np.array([0.5, 1.5]), "c:1": np.zeros(2), "t": np.zeros(2)}


def centre(x: Any, m: Any, kept: Any) -> Any:
    return torch.where(kept, x - m, 0), 2 * m


@pytest.fixture(autouse=True)
def _known_to_the_counterparts(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"test_backprop": centre}
    monkeypatch.setattr(torch_autograd, "counterpart", lambda name: known.get(name) or counterpart(name))


@pytest.mark.parametrize(
    "network",
    [
        centred(("c", "c:1")),
        centred(("c", "y"), y=node("multiply", "x", "c:1")),
        centred(("c", "t"), t=node("tanh", "c:1")),
        centred(("t",), t=node("tanh", "c:1")),
    ],
    ids=["an output", "used further", "used further alone", "nothing else"],
)
def test_both_sides_agree_on_what_is_constant(network: Architecture) -> None:
    bars = {wire: BARS[wire] for wire in network.outputs}
    found = TorchAutograd()(network, {name: value.copy() for name, value in VALUES.items()}, bars)
    outputs, grads = gradients(network, VALUES, bars)
    assert found.outputs.keys() == outputs.keys()
    assert found.gradients.keys() == grads.keys() == {"x"}
    for wire, output in outputs.items():
        np.testing.assert_allclose(found.outputs[wire], output, rtol=1e-15)
    np.testing.assert_array_equal(found.gradients["x"], grads["x"])


def test_what_a_function_of_torch_raises_names_its_node(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(x: Any, m: Any, kept: Any) -> Any:
        raise ValueError("no such kernel")

    monkeypatch.setattr(torch_autograd, "counterpart", lambda name: refusing)
    with pytest.raises(ValueError, match="no such kernel") as raised:
        TorchAutograd()(centred(("c",)), dict(VALUES), {"c": BARS["c"]})
    assert raised.value.__notes__ == ["c"]


def test_a_leaf_that_torch_does_not_find_though_a_path_leads_to_it_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch_autograd, "counterpart", lambda name: lambda x, m, kept: (1 * m, 2 * m))
    with pytest.raises(RuntimeError):
        TorchAutograd()(centred(("c",)), dict(VALUES), {"c": BARS["c"]})
