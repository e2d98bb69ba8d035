"""Examples, edges and refusals of the ops of `reference/ops/arithmetic`."""

from __future__ import annotations

from tests.reference.example import row

EXAMPLES = (
    row("add", (2, 3), (2, 3)),
    row("add", (1, 3), (2, 1)),
    row("add", (2, 2, 3), (3,)),
    row("add", (), (2,)),
    row("add", (1,), (0,)),
    row("multiply", (2, 3), (2, 3)),
    row("multiply", (1, 3), (2, 1)),
    row("multiply", (2,), ()),
    row("multiply", (0, 3), (3,)),
)

REFUSED = (
    (row("add", (2, 3), (2,)), "add: b of shape (2,) does not broadcast with a of shape (2, 3)"),
    (row("multiply", (4,), (3,)), "multiply: b of shape (3,) does not broadcast with a of shape (4,)"),
)
