"""Examples, edges and refusals of the ops of `reference/ops/attention`."""

from __future__ import annotations

from tests.reference.example import INF, row

NAME = "scaled_dot_product_attention"
EXAMPLES = (
    row(NAME, (3, 4), (5, 4), (5, 2)),
    row(NAME, (2, 3, 4), (2, 5, 4), (2, 5, 2), scale=-0.75),
    row(NAME, (2, 1, 3, 4), (1, 2, 5, 4), (2, 5, 3), None, (2, 1, 3, 5)),
    row(NAME, (2, 3, 4), (2, 5, 4), (2, 5, 2), (3, 5)),
    row(NAME, (2, 3, 4), (2, 5, 4), (2, 5, 2), (2, 3, 1), None, scale=2.0),
    row(NAME, (4, 2), (3, 2), (3, 2), is_causal=True),
    row(NAME, (2, 2), (4, 2), (4, 2), is_causal=True),
    row(NAME, (3, 2), (1, 2), (1, 2)),
    row(NAME, (0, 2), (3, 2), (3, 2)),
    row(NAME, (3, 2), (0, 2), (0, 2)),
    row(NAME, (0, 3, 2), (0, 2, 2), (0, 2, 2), None, (3, 2)),
)

EDGES = {
    "attention of a query that sees no key is 0, and so is its gradient":
        (row(NAME), [[[1], [2]], [[3], [4]], [[5], [7]], [[False, False], [True, False]]], [[3], [2]],
         [[0], [5]], [[[0], [0]], [[0], [0]], [[2], [0]], None]),
    "attention of a row of infinite negative bias is 0":
        (row(NAME), [[[1]], [[3], [4]], [[5], [7]], None, [[-INF, -INF]]], [[3]],
         [[0]], [[[0]], [[0], [0]], [[0], [0]], None, [[0, 0]]]),
    "attention takes huge scores":
        (row(NAME, scale=1.0), [[[1e154]], [[1e154], [-1e154]], [[5], [7]]], [[3]],
         [[5]], [[[0]], [[0], [0]], [[3], [0]]]),
    "attention is causal from the upper left corner":
        (row(NAME, scale=1.0, is_causal=True), [[[0], [0]], [[0], [0], [0]], [[8], [4], [2]]], [[1], [6]],
         [[8], [6]], [[[0], [0]], [[0], [0], [0]], [[4], [3], [0]]]),
}  # fmt: skip

REFUSED = (
    (row(NAME, (3,), (5, 3), (5, 3)), f"{NAME}: query of shape (3,) needs at least two axes"),
    (row(NAME, (2, 3), (3,), (5, 3)), f"{NAME}: key of shape (3,) needs at least two axes"),
    (row(NAME, (2, 3), (5, 2), (5, 3)), f"{NAME}: key of shape (5, 2) does not fit query of shape (2, 3)"),
    (row(NAME, (2, 0), (5, 0), (5, 3)), f"{NAME}: key of shape (5, 0) does not fit query of shape (2, 0)"),
    (row(NAME, (2, 3), (5, 3), (4, 3)), f"{NAME}: value of shape (4, 3) does not fit key of shape (5, 3)"),
    (row(NAME, (2, 2, 3), (3, 5, 3), (5, 3)), f"{NAME}: query of shape (2, 2, 3) does not broadcast"),
    (row(NAME, (2, 2, 3), (2, 5, 3), (3, 5, 3)), f"{NAME}: query of shape (2, 2, 3) does not broadcast"),
    (row(NAME, (2, 3), (5, 3), (5, 3), (5,)), f"{NAME}: mask of shape (5,) does not broadcast to the scores"),
    (row(NAME, (2, 3), (5, 3), (5, 3), None, (4, 2, 5)), f"{NAME}: bias of shape (4, 2, 5) does not"),
    (row(NAME, (2, 3), (5, 3), (5, 3), (2, 5), (2, 5)), f"{NAME}: mask of shape (2, 5) is one too many"),
    (row(NAME, (2, 3), (5, 3), (5, 3), None, (2, 5), is_causal=True), f"{NAME}: bias of shape (2, 5) is one"),
)
