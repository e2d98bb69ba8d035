"""How long the truth takes: `python -m bench.truth`.

One thread, median of runs that take turns.  "Balls" is a certified gradient with respect to all leaves,
certificate included; "jets" is one directional derivative along all leaves, both of its sides included.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.clock import interleaved, one_thread
from bench.perceptron import Perceptron
from oracle.numbers.balls_truth import certified
from oracle.numbers.jets_witness import Hearing
from reference.architecture import Architecture, Leaf, Node
from reference.backprop import gradients
from reference.op import op_class, op_names

Values = dict[str, NDArray[Any]]
Network = tuple[str, Architecture, Values, Values]


def networks() -> Iterator[Network]:
    """Title, architecture, leaves and cotangents of what is timed."""
    for widths in ((64, 128, 128, 10), (256, 256, 128, 10)):
        perceptron = Perceptron(widths, 32, np.float64)
        title = "-".join(map(str, widths))
        yield title, perceptron.architecture, perceptron.values, {"loss": np.ones(())}
    if "conv2d" in op_names():
        yield convolutional()


def convolutional() -> Network:
    """Two convolutions of 3 × 3 and a linear layer, on images of 8 × 8."""
    leaves = {
        "x": Leaf("input", (32, 3, 8, 8)),
        "k0": Leaf("parameter", (8, 3, 3, 3)),
        "k1": Leaf("parameter", (8, 8, 3, 3)),
        "w": Leaf("parameter", (10, 128)),
        "b": Leaf("parameter", (10,)),
    }
    nodes = {
        "z0": Node(op_class("conv2d")(), ("x", "k0")),
        "a0": Node(op_class("relu")(), ("z0",)),
        "z1": Node(op_class("conv2d")(), ("a0", "k1")),
        "a1": Node(op_class("relu")(), ("z1",)),
        "flat": Node(op_class("reshape")(shape=(32, 128)), ("a1",)),
        "y": Node(op_class("linear")(), ("flat", "w", "b")),
    }
    rng = np.random.default_rng(0)
    values = {name: rng.standard_normal(leaf.shape) for name, leaf in leaves.items()}
    return (
        "conv 3-8-8, linear 10",
        Architecture(leaves, nodes, ("y",)),
        values,
        {"y": rng.standard_normal((32, 10))},
    )


def sides(architecture: Architecture, leaves: Values, cotangents: Values) -> list[Callable[[], object]]:
    """The reference, balls and jets."""
    certificate = certified(architecture, leaves, cotangents)
    hearing = Hearing(architecture, leaves, cotangents, certificate.gradients)
    directions = hearing.directions(seed=1)
    if certificate.reason or not hearing.along(directions).agrees:
        raise SystemExit(f"bench: {certificate.reason or 'jets and balls differ'}; nothing was timed")
    return [
        lambda: gradients(architecture, leaves, cotangents),
        lambda: certified(architecture, leaves, cotangents),
        lambda: hearing.along(directions),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.truth", description="Time of balls and jets.")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default: 7)")
    rounds = parser.parse_args(arguments).rounds
    print(f"{'network, batch 32':24}{'parameters':>10}{'reference':>12}{'balls':>10}{'jets':>10}")
    with one_thread():
        for title, architecture, leaves, cotangents in networks():
            times = np.median(interleaved(sides(architecture, leaves, cotangents), rounds), axis=0) * 1e3
            print(f"{title:24}{architecture.parameters:10,}", end="")
            print(f"{times[0]:9.2f} ms{times[1]:7.0f} ms{times[2]:7.0f} ms", flush=True)


if __name__ == "__main__":
    main()
