"""Examples, edges and refusals of the ops of `reference/ops/arithmetic`."""

from __future__ import annotations

from tests.reference.example import INF, NAN, row

EXAMPLES = (
    row("max", (2, 3)),
    row("max", (2, 3), dim=1),
    row("max", (2, 3, 2), dim=-2, keepdim=True),
    row("max", (0, 3), dim=1),
    row("max", (1,), dim=0),
    row("max", ()),
    row("add", (2, 3), (2, 3)),
    row("add", (1, 3), (2, 1)),
    row("add", (2, 2, 3), (3,)),
    row("add", (), (2,)),
    row("add", (1,), (0,)),
    row("multiply", (2, 3), (2, 3)),
    row("multiply", (1, 3), (2, 1)),
    row("multiply", (2,), ()),
    row("multiply", (0, 3), (3,)),
    row("power", (2, 3), exponent=2.0),
    row("power", (2, 3), exponent=0.0),
    row("power", (2, 3), exponent=-1.0, domain="positive"),
    row("power", (2, 3), exponent=0.3, domain="positive"),
    row("power", (2, 3), (2, 3), domain="positive"),
    row("power", (1, 3), (2, 1), domain="positive"),
    row("power", (2, 0), (1,), domain="positive"),
    row("power", (), (), domain="unit"),
)

EDGES = {
    "the first of equals gets all along an axis":
        (row("max", dim=1), [[[3, 5, 5], [2, 1, 2]]], [4, 6], [5, 2], [[[0, 4, 0], [6, 0, 0]]]),
    "equals share evenly over all of an array":
        (row("max"), [[[3, 5, 5], [2, 5, 2]]], 6, 5, [[[0, 2, 2], [0, 2, 0]]]),
    "the largest of what holds a NaN is NaN":
        (row("max"), [[1, NAN, INF, NAN]], 6, NAN, [[0, 3, 0, 3]]),
    "the first NaN gets all along an axis":
        (row("max", dim=0), [[1, NAN, INF, NAN]], 6, NAN, [[0, 6, 0, 0]]),
    "the largest is -inf where nothing is larger":
        (row("max", dim=0, keepdim=True), [[-INF, -INF]], [6], [-INF], [[6, 0]]),
    "max passes an infinite cotangent to the largest alone":
        (row("max"), [[1, 2]], INF, 2, [[0, INF]]),
    "the power 0 is 1 whatever the base, and has no slope":
        (row("power", exponent=0.0), [[0, -2, INF, NAN]], [3, 3, 3, INF], [1, 1, 1, 1], [[0, 0, 0, 0]]),
    "the power 1 has the slope 1 at 0":
        (row("power", exponent=1.0), [[0, -2]], [3, 3], [0, -2], [[3, 3]]),
    "a root has an infinite slope at 0, and is NaN below":
        (row("power", exponent=0.5), [[0, -1]], [3, 3], [0, NAN], [[INF, NAN]]),
    "a negative power has a pole at 0":
        (row("power", exponent=-1.0), [[0.0, -0.0]], [3, 3], [INF, -INF], [[-INF, -INF]]),
    "a negative base has whole powers alone, and no derivative in the exponent":
        (row("power"), [[-2, -2, -2], [3, 0, 0.5]], [1, 1, 1], [-8, 1, NAN],
         [[12, 0, NAN], [NAN, NAN, NAN]]),
    "powers of 0 do not move with an exponent that is not negative":
        (row("power"), [[0, 0, 0], [0, 2, -1]], [3, 3, 3], [1, 0, INF], [[0, 0, -INF], [0, 0, -INF]]),
}  # fmt: skip

REFUSED = (
    (row("max", (0, 3)), "max: x of shape (0, 3) has no entries"),
    (row("max", (2, 0), dim=1), "max: x of shape (2, 0) has no axis dim=1, or no entries along it"),
    (row("max", (2, 3), dim=2), "max: x of shape (2, 3) has no axis dim=2"),
    (row("max", (2, 3), keepdim=True), "max: x of shape (2, 3) keeps no axis where dim=None"),
    (row("power", (2,)), "power: exponents of shape None and exponent=None: needs one of the two"),
    (row("power", (2,), (2,), exponent=2.0), "power: exponents of shape (2,) and exponent=2.0: needs one"),
    (row("power", (2,), (3,)), "power: exponents of shape (3,) does not broadcast with base of shape (2,)"),
    (row("add", (2, 3), (2,)), "add: b of shape (2,) does not broadcast with a of shape (2, 3)"),
    (row("multiply", (4,), (3,)), "multiply: b of shape (3,) does not broadcast with a of shape (4,)"),
)
