"""How long the reference takes beside torch: `python -m bench [--ops | --backward | --millions]`.

One thread, all gradients (of parameters and inputs), median of interleaved ratios; below 1 the
reference is faster.  "GEMMs alone" are the same matrix products and nothing else, by numpy and by
torch, over torch's whole time: the first is the floor of what numpy can reach.  Two claims of the chapter
are measured beside that: what a backward pass costs, and ten million parameters.  Nothing is asserted: a
time is a measurement, not a test.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch

from bench import backward, millions
from bench.clock import Ratio, interleaved, one_thread, ratio
from bench.ops import pair, titles
from bench.perceptron import Perceptron
from reference.op import ShapeError

TARGETS = {  # widths and batch: the target in float64
    ((64, 128, 128, 10), 32): 0.50,
    ((784, 784, 512, 10), 128): 1.00,
}


def networks(rounds: int) -> None:
    """Print the table of perceptrons."""
    print(f"{'network, batch':27}{'parameters':>10}  {'dtype':9}{'torch':>9}", end="")
    print(f"{'reference/torch':>17}{'target':>9}{'GEMMs alone: numpy':>21}{'torch':>7}")
    for (widths, batch), target in TARGETS.items():
        for dtype in (np.float64, np.float32):
            network = Perceptron(widths, batch, dtype)
            run = network.torch()
            _same(network.reference(), run(), dtype)
            functions = (
                network.reference,
                run,
                network.products(np.asarray),
                network.products(torch.as_tensor),
            )
            ours, theirs, floor, their_floor = interleaved(functions, rounds).T
            title = f"{'-'.join(map(str, widths))}, {batch}"
            wanted = f"≤ {target:.2f}" if dtype is np.float64 else "–"
            print(
                f"{title:27}{network.architecture.parameters:10,}  {dtype.__name__:9}"
                f"{np.median(theirs) * 1e3:6.2f} ms{_shown(ratio(ours, theirs)):>17}{wanted:>9}"
                f"{ratio(floor, theirs).median:21.2f}{ratio(their_floor, theirs).median:7.2f}",
                flush=True,
            )


def ops(rounds: int) -> None:
    """Print the table of single ops."""
    print(f"{'op, forward + vjp':30}" + f"{'torch':>12}{'reference/torch':>17}" * 2 + "   (float64, float32)")
    for title in titles():
        line = f"{title:30}"
        for dtype in (np.float64, np.float32):
            try:
                functions = pair(title, dtype)
            except (LookupError, ShapeError) as error:
                line += f"  – ({error})"
                break
            with np.errstate(all="ignore"):
                ours, theirs = interleaved(functions, rounds).T
            line += f"{np.median(theirs) * 1e6:9.0f} µs{_shown(ratio(ours, theirs)):>17}"
        print(line, flush=True)


TABLES = {  # what prints it, given a number of rounds, and what it shows
    "networks": (networks, "whole networks, beside torch"),
    "backward": (lambda rounds: backward.table(max(1, rounds // 4)), "a backward pass, in forward passes"),
    "millions": (lambda _: millions.table(), "ten million parameters, time and memory, beside torch"),
    "ops": (ops, "every op alone, beside torch"),
}
UNASKED = ("networks", "backward", "millions")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and print the tables that it asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Time of reference and torch.")
    only = parser.add_mutually_exclusive_group()
    for name, (_, shows) in TABLES.items():
        only.add_argument(
            f"--{name}", action="store_const", const=(name,), dest="names", help=f"only {shows}"
        )
    parser.add_argument("--rounds", type=int, default=60, help="interleaved rounds (default: 60)")
    chosen = parser.parse_args(arguments)
    print("one thread; median of interleaved ratios (quartiles)")
    with one_thread():
        for name in chosen.names or UNASKED:
            print()
            TABLES[name][0](chosen.rounds)


def _same(ours: dict[str, np.ndarray], theirs: dict[str, torch.Tensor], dtype: type[np.floating]) -> None:
    """Refuse to time two different things; how close they really are is the oracle's business."""
    for name, value in ours.items():
        if not np.allclose(value, theirs[name].numpy(), rtol=0, atol=1e4 * np.finfo(dtype).eps):
            raise SystemExit(
                f"bench: reference and torch differ in the gradient of {name}; nothing was timed"
            )


def _shown(found: Ratio) -> str:
    return f"{found.median:.2f} ({found.low:.2f}–{found.high:.2f})"


if __name__ == "__main__":
    main()
