"""Examples, edges and refusals of the ops of `reference/ops/selection`."""

from __future__ import annotations

from tests.reference.example import INF, NAN, row

EXAMPLES = (
    row("gather", (3, 2), (4, 2)),
    row("gather", (2, 3, 4), (2, 5, 4), dim=1),
    row("gather", (3, 4), (2, 7), dim=-1),
    row("gather", (3,), (1,)),
    row("gather", (3, 2), (0, 2)),
    row("gather", (3, 0), (2, 0)),
    row("masked_fill", (2, 3), (2, 3), value=1.5),
    row("masked_fill", (2, 3), (3,)),
    row("masked_fill", (2, 1), (3, 1, 4), value=-2.0),
    row("masked_fill", (), ()),
    row("masked_fill", (0, 3), (1, 3)),
)

EDGES = {
    "an entry that is gathered twice gets both cotangents":
        (row("gather", dim=1), [[[5, 6, 7]], [[2, 0, 2]]], [[1, 10, 100]], [[7, 5, 7]],
         [[[10, 0, 101]], None]),
    "a short index gathers from the first rows":
        (row("gather"), [[[1, 2, 3], [4, 5, 6]], [[1, 0]]], [[7, 8]], [[4, 2]],
         [[[0, 8, 0], [7, 0, 0]], None]),
    "what a mask replaces may be anything":
        (row("masked_fill", value=2.0), [[NAN, INF, 5], [True, True, False]], [INF, NAN, 3], [2, 2, 5],
         [[0, 0, 3], None]),
    "a mask may fill with infinity":
        (row("masked_fill", value=-INF), [[4, 5], [True, False]], [3, 7], [-INF, 5], [[0, 7], None]),
}  # fmt: skip

REFUSED = (
    (row("gather", (3,), (2,), dim=1), "gather: x of shape (3,) has no axis dim=1"),
    (row("gather", (3,), (2, 1)), "gather: index of shape (2, 1) does not fit x of shape (3,) beside dim=0"),
    (
        row("gather", (3, 2), (4, 3)),
        "gather: index of shape (4, 3) does not fit x of shape (3, 2) beside dim=0",
    ),
    (
        row("masked_fill", (2, 3), (2,)),
        "masked_fill: mask of shape (2,) does not broadcast with x of shape (2, 3)",
    ),
)
