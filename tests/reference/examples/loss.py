"""Examples, edges and refusals of the ops of `reference/ops/loss`."""

from __future__ import annotations

import numpy as np

from tests.reference.example import NAN, row

EXAMPLES = (
    row("cross_entropy", (4, 3), (4,)),
    row("cross_entropy", (4, 3), (4,), reduction="sum"),
    row("cross_entropy", (2, 3, 2), (2, 2), reduction="none"),
    row("cross_entropy", (3,), ()),
    row("cross_entropy", (0, 3), (0,), reduction="sum"),
    row("mse", (2, 3), (2, 3)),
    row("mse", (2, 3), (2, 3), reduction="sum"),
    row("mse", (3,), (3,), reduction="none"),
    row("mse", (), ()),
)

EDGES = {
    "cross-entropy takes huge logits":
        (row("cross_entropy"), [[[1e308, 0]], [1]], 3, 1e308, [[[3, -3]], None]),
    "cross-entropy of no samples averages to NaN":
        (row("cross_entropy"), [np.zeros((0, 3)), []], 1, NAN, [np.zeros((0, 3)), None]),
}  # fmt: skip

REFUSED = (
    (row("cross_entropy", (), ()), "cross_entropy: x of shape () needs a class axis"),
    (row("cross_entropy", (2, 0), (2,)), "cross_entropy: x of shape (2, 0) has no classes"),
    (
        row("cross_entropy", (2, 3), (3,)),
        "cross_entropy: target of shape (3,) does not fit x of shape (2, 3)",
    ),
    (row("mse", (2, 3), (3,)), "mse: target of shape (3,) is not the shape of x, (2, 3)"),
)
