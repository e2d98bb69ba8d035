"""A multilayer perceptron with relu and cross-entropy, written three times.

The reference's network, the lines that a user of torch would write, and the matrix products alone:
what is left of the time when everything but the GEMMs is free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import DTypeLike, NDArray

from reference.architecture import Architecture, Leaf, Node
from reference.backprop import gradients
from reference.op import op_class


@dataclass(frozen=True)
class Perceptron:
    """A perceptron with values for all its leaves.

    Parameters
    ----------
    widths : tuple of int
        Entries of the input and of every layer after it.
    batch : int
        Number of samples.
    dtype : dtype
        Of all floating leaves.
    """

    widths: tuple[int, ...]
    batch: int
    dtype: DTypeLike

    @property
    def layers(self) -> range:
        """Numbers of the linear layers."""
        return range(len(self.widths) - 1)

    @cached_property
    def architecture(self) -> Architecture:
        """The network as the reference knows it."""
        leaves = {
            "x": Leaf("input", (self.batch, self.widths[0])),
            "t": Leaf("index", (self.batch,), self.widths[-1]),
        }
        nodes = {}
        wire = "x"
        for k, (fan_in, fan_out) in enumerate(pairwise(self.widths)):
            leaves[f"w{k}"] = Leaf("parameter", (fan_out, fan_in))
            leaves[f"b{k}"] = Leaf("parameter", (fan_out,))
            nodes[f"z{k}"] = Node(op_class("linear")(), (wire, f"w{k}", f"b{k}"))
            nodes[f"a{k}"] = Node(op_class("relu")(), (f"z{k}",))
            wire = f"a{k}"
        del nodes[wire]  # no relu on the logits
        nodes["loss"] = Node(op_class("cross_entropy")(), (f"z{k}", "t"))
        return Architecture(leaves, nodes, ("loss",))

    @cached_property
    def values(self) -> dict[str, NDArray[Any]]:
        """Value of every leaf, scaled so that no layer swells or fades."""
        rng = np.random.default_rng(0)
        values: dict[str, NDArray[Any]] = {}
        for name, leaf in self.architecture.leaves.items():
            if leaf.bound is not None:
                values[name] = rng.integers(leaf.bound, size=leaf.shape)
            else:
                scale = np.sqrt(2 / leaf.shape[1]) if leaf.kind == "parameter" and len(leaf.shape) > 1 else 1
                values[name] = (scale * rng.standard_normal(leaf.shape)).astype(self.dtype)
        return values

    def reference(self) -> dict[str, NDArray[Any]]:
        """Gradients of all floating leaves, by the reference."""
        _, found = gradients(self.architecture, self.values, {"loss": np.ones((), self.dtype)})
        return found

    def torch(self) -> Callable[[], dict[str, torch.Tensor]]:
        """The function that returns the same gradients by torch.autograd."""
        tensors = {name: torch.from_numpy(value) for name, value in self.values.items()}
        floating = {name: tensors[name].requires_grad_() for name in self.architecture.differentiable_leaves}

        def run() -> dict[str, torch.Tensor]:
            a = tensors["x"]
            for k in self.layers:
                z = F.linear(a, tensors[f"w{k}"], tensors[f"b{k}"])
                a = F.relu(z) if k < self.layers[-1] else z
            loss = F.cross_entropy(a, tensors["t"])
            return dict(zip(floating, torch.autograd.grad(loss, list(floating.values())), strict=True))

        return run

    def products(self, convert: Callable[[Any], Any]) -> Callable[[], list[Any]]:
        """The function that runs the GEMMs alone, on operands made by `convert`.

        Per layer there are three: z = x Wᵀ, x̄ = z̄ W and W̄ = z̄ᵀ x.  The results are kept until all are
        there, as gradients are.
        """
        rng = np.random.default_rng(0)

        def draw(*shape: int) -> Any:
            return convert(rng.standard_normal(shape).astype(self.dtype))

        layers = [(draw(self.batch, i), draw(o, i), draw(self.batch, o)) for i, o in pairwise(self.widths)]

        def run() -> list[Any]:
            return [product for x, w, z_bar in layers for product in (x @ w.T, z_bar @ w, z_bar.T @ x)]

        return run
