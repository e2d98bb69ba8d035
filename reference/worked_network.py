"""The chapter's worked network (figure 7): three dense sigmoid layers of two neurons each.

The figure gives weights, biases and the input (1, −1), and with them the activations (0.98, 0.12),
(0.86, 0.11) and (0.62, 0.83).  It names no loss.  Here that is the squared error against the target
(1, 0), l = (y₁ − 1)² + (y₂ − 0)², so that ∂l/∂y = 2 (y − t).

Source: the chapter, figure 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reference.architecture import Architecture
from reference.backprop import forward_pass
from reference.layers import dense_network, dl_dw, dz_dw
from reference.op import Array
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.loss.mse import Mse
from reference.reversed_network import reverse

WEIGHTS = ([[1, -2], [-1, 1]], [[2, -1], [-2, -1]], [[3, -1], [-1, 4]])  # row j leads into neuron j
BIASES = ([1, 0], [0, 0], [-2, 2])
INPUT, TARGET = [1, -1], [1, 0]
LAYERS, NEURONS = range(1, len(WEIGHTS) + 1), len(INPUT)


def worked_network() -> tuple[Architecture, dict[str, Array]]:
    """The network, and the values of its leaves.

    Returns
    -------
    architecture : Architecture
        Layer k computes z{k} from w{k} and b{k}, and from it a{k}; the output is the loss, l.
    leaves : dict of str to numpy.ndarray
        In float64.
    """
    network = dense_network((len(INPUT),), [len(bias) for bias in BIASES], Sigmoid(), Mse(reduction="sum"))
    leaves = {"x": np.array(INPUT, float), "t": np.array(TARGET, float)}
    for k in LAYERS:
        leaves[f"w{k}"], leaves[f"b{k}"] = np.array(WEIGHTS[k - 1], float), np.array(BIASES[k - 1], float)
    return network, leaves


@dataclass(frozen=True, slots=True)
class Solution:
    """All that there is to know of the network.

    Parameters
    ----------
    values : dict of str to array
        The forward pass: the value of every wire.
    gain : dict of str to array
        σ′(z) by z.
    dz_dw, dl_dz, dl_da : dict of str to array
        By z, by z and by a.
    dl_dw : dict of str to array
        By parameter.
    """

    values: dict[str, Array]
    gain: dict[str, Array]
    dz_dw: dict[str, Array]
    dl_dz: dict[str, Array]
    dl_da: dict[str, Array]
    dl_dw: dict[str, Array]


def solve() -> Solution:
    """Forward pass, reversed network, and their products."""
    network, leaves = worked_network()
    forward = forward_pass(network, leaves)
    backward = reverse(network, forward)
    found = backward.run(2 * (forward.values["a3"] - leaves["t"]))
    dl_dz = {wire: found[wire] for wire in found if wire.startswith("z")}
    return Solution(
        forward.values,
        {f"z{k}": backward.constants[f"gain_a{k}"] for k in LAYERS},
        dz_dw(network, forward),
        dl_dz,
        {wire: found[wire] for wire in found.keys() - dl_dz.keys()},
        dl_dw(network, forward, dl_dz),
    )


def neuron(layer: int, row: int) -> str:
    """Number of a neuron of a layer, counted through as in figures 14 and 15, as a subscript."""
    return "₁₂₃₄₅₆"[NEURONS * (layer - 1) + row]


def number(value: float, digits: int = 2) -> str:
    """A number with so many decimals, and a minus sign that is one."""
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")
