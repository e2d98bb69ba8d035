"""The other side of each claim: written here, and not by the reference's backward pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F

from oracle.candidates.protocol import Result
from oracle.candidates.torch_autograd import TorchAutograd
from reference.architecture import Architecture
from reference.backprop import gradients
from reference.layers import dense_network
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.loss.cross_entropy import CrossEntropy

SAMPLES = 8


@dataclass(frozen=True)
class By:
    """A candidate from a function that gives outputs and gradients."""

    compute: Any
    name: str = "this test"

    def __call__(self, net: Architecture, leaves: Mapping[str, Any], y_bar: Mapping[str, Any]) -> Result:
        return Result(*self.compute(net, leaves, y_bar))


def classifier(samples: int, reduction: Literal["sum", "mean"]) -> Architecture:
    return dense_network((samples, 6), (5, 4), Sigmoid(), CrossEntropy(reduction=reduction), logits=True)


def of_each_sample(net: Architecture, leaves: Mapping[str, Any], y_bar: Mapping[str, Any]) -> Any:
    """Total loss and its gradient: the reference runs on every sample alone, and what it finds is added."""
    alone = [
        gradients(classifier(1, "sum"), {**leaves, "x": leaves["x"][[n]], "t": leaves["t"][[n]]}, y_bar)
        for n in range(SAMPLES)
    ]
    losses, found = zip(*alone, strict=True)
    total = {name: np.sum([one[name] for one in found], axis=0) for name in net.differentiable_leaves}
    return {"l": np.sum([loss["l"] for loss in losses])}, total | {
        "x": np.concatenate([g["x"] for g in found])
    }


def by_torch_func(net: Architecture, leaves: Mapping[str, Any], _: Mapping[str, Any]) -> Any:
    """The same from torch.func's gradients of every sample."""

    def loss(parameters: dict[str, Any], x: Any, t: Any) -> Any:
        hidden = torch.sigmoid(F.linear(x, parameters["w1"], parameters["b1"]))
        return F.cross_entropy(F.linear(hidden, parameters["w2"], parameters["b2"]), t)

    values = {name: torch.from_numpy(array) for name, array in leaves.items()}
    x, t = values.pop("x"), values.pop("t")
    each = torch.func.vmap(torch.func.grad_and_value(loss, argnums=(0, 1)), (None, 0, 0))
    (parameters, x_bar), losses = each(values, x, t)
    total = {name: per_sample.sum(dim=0).numpy() for name, per_sample in parameters.items()}
    return {"l": losses.sum().numpy()}, total | {"x": x_bar.numpy()}


def by_the_chapter(net: Architecture, leaves: Mapping[str, Any], y_bar: Mapping[str, Any]) -> Any:
    """∂l/∂z of one sample through three sigmoid layers, neuron by neuron, in numbers; the rest by torch."""
    found = TorchAutograd()(net, leaves, y_bar)
    activations = [leaves["x"].tolist()]
    for k in (1, 2, 3):
        w, b, below = leaves[f"w{k}"].tolist(), leaves[f"b{k}"].tolist(), activations[-1]
        z = [
            math.fsum(v * a for v, a in zip(row, below, strict=True)) + c for row, c in zip(w, b, strict=True)
        ]
        activations.append([1 / (1 + math.exp(-each)) for each in z])
    dl_da = [2 * (y - t) for y, t in zip(activations[3], leaves["t"].tolist(), strict=True)]  # case 1
    dl_dz = {}
    for k in (3, 2, 1):
        z_bar = [a * (1 - a) * each for a, each in zip(activations[k], dl_da, strict=True)]
        dl_dz[f"d_z{k}"] = np.array(z_bar)
        columns = zip(*leaves[f"w{k}"].tolist(), strict=True)
        dl_da = [math.fsum(v * e for v, e in zip(column, z_bar, strict=True)) for column in columns]  # case 2
    return found.outputs, {**found.gradients, **dl_dz}


class Counted(np.ndarray[Any, Any]):
    """An array that counts the multiplications of its matrix products."""

    multiplications = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.matmul:
            Counted.multiplications += math.prod(inputs[0].shape) * inputs[1].shape[-1]
        options = {**options, "out": tuple(map(np.asarray, options["out"]))} if "out" in options else options
        return np.asarray(getattr(ufunc, method)(*map(np.asarray, inputs), **options)).view(Counted)


def multiplications(run: Callable[[], object]) -> int:
    Counted.multiplications = 0
    run()
    return Counted.multiplications
