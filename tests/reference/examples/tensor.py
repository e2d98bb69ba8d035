"""Examples, edges and refusals of the ops of `reference/ops/tensor`."""

from __future__ import annotations

from tests.reference.example import row

EXAMPLES = (
    row("concatenate", (2, 3), (1, 3)),
    row("concatenate", (2, 1), (2, 0), (2, 3), dim=-1),
    row("concatenate", (3,)),
    row("reshape", (2, 3), shape=(3, 1, 2)),
    row("reshape", (1,), shape=()),
    row("reshape", (0, 3), shape=(5, 0)),
    row("index", (3, 2), (4,)),
    row("index", (2, 4, 2), (5,), dim=-2),
    row("index", (3,), (0,)),
    row("index", (0, 3), (2,), dim=1),
    row("sum", (2, 3)),
    row("sum", (2, 3, 2), dim=(0, -1)),
    row("sum", (2, 3), dim=(1,), keepdim=True),
    row("sum", (0, 3), dim=(0,)),
    row("sum", ()),
    row("transpose", (2, 3)),
    row("transpose", (2, 3, 4), dim0=-1, dim1=0),
    row("transpose", (2, 0, 1), dim0=2, dim1=1),
    row("transpose", (3,), dim0=0, dim1=-1),
)

EDGES = {
    "the sum of nothing is 0":
        (row("sum"), [[]], 2, 0, [[]]),
    "a row that is selected twice gets both cotangents":
        (row("index"), [[5, 6, 7], [2, 0, 2]], [1, 10, 100], [7, 5, 7], [[10, 0, 101], None]),
}  # fmt: skip

REFUSED = (
    (row("concatenate", (2, 3), (2, 4)), "concatenate: x[1] of shape (2, 4) differs from x[0]"),
    (row("concatenate", (2,), (2, 1)), "concatenate: x[1] of shape (2, 1) differs from x[0]"),
    (row("concatenate", (2,), dim=1), "concatenate: x[0] of shape (2,) has no axis dim=1"),
    (row("index", (), (2,)), "index: x of shape () has no axis dim=0"),
    (row("index", (2, 3), (2,), dim=-3), "index: x of shape (2, 3) has no axis dim=-3"),
    (row("index", (2, 3), (2, 2)), "index: index of shape (2, 2) needs one axis"),
    (row("reshape", (2, 3), shape=(5,)), "reshape: x of shape (2, 3) cannot take shape=(5,)"),
    (row("reshape", (2, 3), shape=(-2, -3)), "reshape: x of shape (2, 3) cannot take shape=(-2, -3)"),
    (row("sum", (2, 3), dim=(2,)), "sum: x of shape (2, 3) cannot be reduced over dim=(2,)"),
    (row("sum", (2, 3), dim=(1, -1)), "sum: x of shape (2, 3) cannot be reduced over dim=(1, -1)"),
    (row("sum", (2, 3), dim=()), "sum: x of shape (2, 3) cannot be reduced over dim=()"),
    (row("transpose", (3,)), "transpose: x of shape (3,) has no axis dim1=1"),
    (row("transpose", (2, 3), dim0=2), "transpose: x of shape (2, 3) has no axis dim0=2"),
)
