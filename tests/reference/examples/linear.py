"""Examples, edges and refusals of the ops of `reference/ops/linear`."""

from __future__ import annotations

from tests.reference.example import row

EXAMPLES = (
    row("linear", (2, 3), (4, 3), (4,)),
    row("linear", (2, 2, 3), (1, 3)),
    row("linear", (3,), (2, 3), (2,)),
    row("linear", (2, 3), (2, 3), None),
    row("linear", (0, 3), (2, 3), (2,)),
    row("linear", (2, 0), (2, 0), (2,)),
    row("matmul", (2, 3), (3, 4)),
    row("matmul", (3,), (3,)),
    row("matmul", (3,), (2, 3, 2)),
    row("matmul", (2, 2, 3), (3,)),
    row("matmul", (2, 1, 1, 3), (2, 3, 2)),
    row("matmul", (2, 0), (0, 3)),
)

REFUSED = (
    (row("linear", (), (1, 1)), "linear: x of shape () needs at least one axis"),
    (row("linear", (2, 3), (3, 2)), "linear: weight of shape (3, 2) does not fit x of shape (2, 3)"),
    (row("linear", (2, 3), (3,)), "linear: weight of shape (3,) does not fit x of shape (2, 3)"),
    (row("linear", (2, 3), (4, 3), (3,)), "linear: bias of shape (3,) does not fit weight of shape (4, 3)"),
    (row("matmul", (), (2,)), "matmul: a of shape () needs at least one axis"),
    (row("matmul", (2,), ()), "matmul: b of shape () needs at least one axis"),
    (row("matmul", (2, 3), (2, 3)), "matmul: b of shape (2, 3) does not fit a of shape (2, 3)"),
    (row("matmul", (2, 2, 3), (3, 3, 2)), "matmul: b of shape (3, 3, 2) does not broadcast with a"),
)
