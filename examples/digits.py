"""Gradient descent on handwritten digits, by the reference and by torch, side by side (`make train`).

The 1,797 digits that scikit-learn ships (8 × 8 pixels) go through a perceptron 64-32-10 with sigmoid, in
float64; the last 360 are held out.  Two things are judged after every step, by the oracle's rule:

gradients    Both sides take the gradient at the same θ, bit for bit (the reference's), and `judge`
             compares all of it.
parameters   Both sides start from the same θ⁰ and are then left alone.  Rounding makes them drift
             apart, and how far it may is what the reference's own descent shows when it runs under
             rounding noise: the same lines of `gradient_descent`, on noisy numbers.

Source of the data: E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits" (UCI, 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case
from oracle.judge.judge import judge
from oracle.judge.tolerance import FLOOR, HASHED, INDEPENDENT, MAGNIFICATION, NORM, WIDE, explain
from oracle.judge.verdict import CaseVerdict
from oracle.numbers.noise import UNIT, Noise
from oracle.numbers.stochastic import noisy
from reference.architecture import Architecture
from reference.backprop import forward_pass
from reference.gradient_descent import gradient_descent
from reference.layers import dense_network
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.loss.cross_entropy import CrossEntropy

Arrays = dict[str, NDArray[Any]]
DTYPE = "float64"
WIDTHS = (32, 10)
HELD_OUT = 360
RATE = 2.0


@dataclass(frozen=True)
class Record:
    """What is known after a step.

    Parameters
    ----------
    step : int
        Steps taken: 0 at θ⁰.
    loss, their_loss : float
        L(θ), the cost over the digits that are learnt, of the reference's descent and of torch's.
    accuracy, held_out : float
        Share of digits that are recognised, among those that are learnt and among the others.
    gradients : CaseVerdict
        Of both sides' gradients at the reference's θ.
    apart, allowed : float
        ‖Δθ‖/‖θ‖ of the two free descents, and what the rule allows; of the tensor nearest to its bound.
    beyond : tuple of str
        Parameters that are farther apart than rounding explains.
    """

    step: int
    loss: float
    their_loss: float
    accuracy: float
    held_out: float
    gradients: CaseVerdict
    apart: float
    allowed: float
    beyond: tuple[str, ...]


def digits(every: int = 1) -> tuple[Arrays, Arrays]:
    """The digits that are learnt and those that are held out, as leaves x (0 … 1) and t."""
    found = load_digits()
    x, t = found.data / 16, found.target.astype(np.int64)
    learnt, others = slice(None, -HELD_OUT, every), slice(-HELD_OUT, None)
    return {"x": x[learnt], "t": t[learnt]}, {"x": x[others], "t": t[others]}


def network(samples: int) -> Architecture:
    """The perceptron, with the cross-entropy of so many samples."""
    return dense_network((samples, 64), WIDTHS, Sigmoid(), CrossEntropy(), logits=True)


def start(architecture: Architecture, seed: int = 0) -> Arrays:
    """θ⁰: normal with variance 1 / inputs, biases 0."""
    rng = np.random.default_rng(seed)
    parameters = {k: leaf.shape for k, leaf in architecture.leaves.items() if leaf.kind == "parameter"}
    return {
        name: rng.standard_normal(shape) / shape[-1] ** 0.5 if len(shape) > 1 else np.zeros(shape)
        for name, shape in sorted(parameters.items())
    }


def torch_descent(leaves: Mapping[str, NDArray[Any]], rate: float) -> Iterator[tuple[float, Arrays]]:
    """L and θ at θ⁰, θ¹, …, as a user of torch would write it."""
    x, t = torch.from_numpy(leaves["x"]), torch.from_numpy(leaves["t"])
    theta = {name: torch.tensor(leaves[name], requires_grad=True) for name in ("w1", "b1", "w2", "b2")}
    optimizer = torch.optim.SGD(theta.values(), lr=rate)
    while True:
        hidden = torch.sigmoid(F.linear(x, theta["w1"], theta["b1"]))
        loss = F.cross_entropy(F.linear(hidden, theta["w2"], theta["b2"]), t)
        yield loss.item(), {name: tensor.detach().numpy().copy() for name, tensor in theta.items()}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def noisy_descent(
    architecture: Architecture, leaves: Mapping[str, NDArray[Any]], rate: float
) -> Iterator[Arrays]:
    """Spread of θ⁰, θ¹, … under rounding noise, as `oracle.judge.tolerance.spread` has it of a gradient."""
    magnification = MAGNIFICATION[DTYPE]
    noise = Noise(DTYPE, INDEPENDENT, HASHED, 0, magnification)
    perturbed = {k: noisy(array, noise) if array.dtype.kind == "f" else array for k, array in leaves.items()}
    for step in gradient_descent(architecture, perturbed, rate):
        spread = {}
        for name, array in step.parameters.items():
            rows = np.broadcast_to(array.data, (noise.rows, *array.shape))
            squares = (rows[1:] - rows[0]) ** 2
            free, hashed = squares[:INDEPENDENT].mean(axis=0), squares[INDEPENDENT:].mean(axis=0)
            spread[name] = np.sqrt(np.maximum(free, hashed)) / magnification
        yield spread


def train(every: int = 1, rate: float = RATE) -> Iterator[Record]:
    """Descend on both sides, and judge; without end.

    Parameters
    ----------
    every : int
        Learn one digit in so many.
    rate : float
        η.
    """
    learnt, others = digits(every)
    net, check = network(len(learnt["t"])), network(HELD_OUT)
    leaves = learnt | start(net)
    candidate = TorchAutograd()
    descents = (gradient_descent(net, leaves, rate), torch_descent(leaves, rate))
    for number, (step, (their_loss, theirs), spread) in enumerate(
        zip(*descents, noisy_descent(net, leaves, rate), strict=True)
    ):
        here = leaves | step.parameters
        case = Case(net, DTYPE, here, {"l": np.ones(())}, dict.fromkeys((*here, "l"), "contiguous"))
        apart, allowed, beyond = _compare(step.parameters, theirs, spread)
        yield Record(
            number,
            float(step.loss),
            their_loss,
            _accuracy(step.forward.values),
            _accuracy(forward_pass(check, others | step.parameters).values),
            judge(case, candidate, sample=False),
            apart,
            allowed,
            beyond,
        )


def _accuracy(values: Mapping[str, NDArray[Any]]) -> float:
    return float(np.mean(np.argmax(values["z2"], axis=1) == values["t"]))


def _compare(ours: Arrays, theirs: Arrays, spread: Arrays) -> tuple[float, float, tuple[str, ...]]:
    """How far the two free descents are apart, what the rule allows, and what it does not explain."""
    floor = FLOOR * UNIT[DTYPE] * max(float(np.abs(array).max()) for array in ours.values())
    worst, beyond = (0.0, 0.0, 0.0), []
    for name, value in ours.items():
        rule = explain(theirs[name] - value, value, spread[name], floor)
        if not rule.explained:
            beyond.append(name)
        norm = float(np.linalg.norm(value))
        if norm > 0:
            apart, allowed = float(np.linalg.norm(theirs[name] - value)) / norm, rule.limit * NORM / WIDE
            worst = max(worst, (apart / allowed, apart, allowed))
    return worst[1], worst[2], tuple(beyond)
