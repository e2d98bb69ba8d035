"""What a backward pass costs, in forward passes: the chapter's "about the same", measured.

The reference alone, on networks of equal dense sigmoid layers.

δ alone       the reversed network runs, and gives every ∂l/∂z; its gains are there, since they are
              constants that the forward pass has fixed
with ∂l/∂w    and every ∂l/∂z is multiplied with its ∂z/∂w
the engine    `backward_pass`: gains, ∂l/∂z, ∂l/∂w and ∂l/∂x
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bench.clock import interleaved, ratio
from reference.architecture import Architecture
from reference.backprop import backward_pass, forward_pass
from reference.layers import dense_network, dl_dw
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.loss.mse import Mse
from reference.reversed_network import reverse

LAYERS = 5
SIZES = ((64, 256), (256, 256), (1024, 256), (256, 16), (1024, 16))  # width, batch: wide and narrow ones
PARTS = {  # what is timed, and the matrix products that it needs, as a share of the forward pass's
    "δ alone": (LAYERS - 1) / LAYERS,  # ∂l/∂z of the first layer is the last that is wanted
    "with ∂l/∂w": (2 * LAYERS - 1) / LAYERS,
    "the engine": 2.0,
}


def drawn(architecture: Architecture, dtype: DTypeLike) -> dict[str, NDArray[Any]]:
    """Values of all leaves, in place: what is drawn leaves no higher peak of memory than it takes."""
    rng = np.random.default_rng(0)
    values: dict[str, NDArray[Any]] = {}
    for name, leaf in architecture.leaves.items():
        if leaf.bound is not None:
            values[name] = rng.integers(leaf.bound, size=leaf.shape)
            continue
        values[name] = np.empty(leaf.shape, dtype)
        rng.standard_normal(out=values[name], dtype=values[name].dtype)
        if len(leaf.shape) > 1 and leaf.kind == "parameter":
            values[name] /= leaf.shape[1] ** 0.5
    return values


def parts(architecture: Architecture, values: dict[str, NDArray[Any]]) -> list[Callable[[], object]]:
    """The forward pass, and then `PARTS`."""
    forward = forward_pass(architecture, values)
    backward = reverse(architecture, forward)
    one = {"l": np.ones((), values["x"].dtype)}
    (y_bar, _) = architecture.nodes["l"].op.vjp(forward.residuals["l"], one["l"])
    return [
        lambda: forward_pass(architecture, values),
        lambda: backward.run(y_bar),
        lambda: dl_dw(architecture, forward, backward.run(y_bar)),
        lambda: backward_pass(architecture, forward, one),
    ]


def table(rounds: int, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
    """Print it."""
    print(f"backward pass, in forward passes ({LAYERS} dense sigmoid layers, float64, the reference alone)\n")
    print(f"{'width, batch':16}{'forward':>11}" + "".join(f"{part:>19}" for part in PARTS))
    found: dict[int, list[list[float]]] = {}  # by batch
    for width, batch in sizes:
        net = dense_network((batch, width), (width,) * LAYERS, Sigmoid(), Mse())
        forward, *rest = interleaved(parts(net, drawn(net, np.float64)), rounds).T
        line = f"{f'{width}, {batch}':16}{np.median(forward) * 1e3:8.2f} ms"
        ratios = [ratio(times, forward) for times in rest]
        found.setdefault(batch, []).append([each.median for each in ratios])
        line += "".join(f"{f'{each.median:.2f} ({each.low:.2f}–{each.high:.2f})':>19}" for each in ratios)
        print(line, flush=True)
    print(f"{'matrix products':27}" + "".join(f"{share:>19.2f}" for share in PARTS.values()))
    print()
    for batch, rows in found.items():
        delta, weights, _ = (f"{min(column):.2f} to {max(column):.2f}" for column in zip(*rows, strict=True))
        print(f"batch {batch}: the chapter's backward pass, δ alone, costs {delta} forward passes;")
        print(f"{'':{len(f'batch {batch}: ')}}with the gradient of every weight {weights}")
