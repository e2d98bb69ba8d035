"""Examples, edges and refusals of the ops of `reference/ops/embedding`."""

from __future__ import annotations

from tests.reference.example import INF, row

EXAMPLES = (
    row("embedding", (4,), (3, 2)),
    row("embedding", (2, 5), (4, 3), padding_idx=1),
    row("embedding", (5,), (3, 1), padding_idx=-1, scale_grad_by_freq=True),
    row("embedding", (2, 3, 2), (5, 2), scale_grad_by_freq=True),
    row("embedding", (), (3, 2)),
    row("embedding", (0,), (3, 2), padding_idx=0, scale_grad_by_freq=True),
    row("embedding", (2,), (3, 0)),
)

EDGES = {
    "a row that is named twice gets both cotangents":
        (row("embedding"), [[2, 0, 2], [[5], [6], [7]]], [[1], [10], [100]], [[7], [5], [7]],
         [None, [[10], [0], [101]]]),
    "the padding row is looked up and gets no gradient, not of infinity either":
        (row("embedding", padding_idx=-2), [[1, 0], [[5], [6], [7]]], [[INF], [3]], [[6], [5]],
         [None, [[3], [0], [0]]]),
    "a gradient that is scaled by frequency is a mean":
        (row("embedding", scale_grad_by_freq=True), [[2, 0, 2], [[5], [6], [7]]], [[1], [10], [100]],
         [[7], [5], [7]], [None, [[10], [0], [50.5]]]),
}  # fmt: skip

REFUSED = (
    (row("embedding", (2,), (3,)), "embedding: weight of shape (3,) needs two axes, rows and features"),
    (
        row("embedding", (2,), (3, 1), padding_idx=3),
        "embedding: weight of shape (3, 1) has no row padding_idx=3",
    ),
    (row("embedding", (2,), (3, 1), padding_idx=-4), "embedding: weight of shape (3, 1) has no row"),
)
