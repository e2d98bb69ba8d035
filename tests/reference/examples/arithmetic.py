"""Examples, edges and refusals of the ops of `reference/ops/arithmetic`."""

from __future__ import annotations

from tests.reference.example import INF, NAN, TINY, row

EXAMPLES = (
    row("max", (2, 3)),
    row("max", (2, 3), dim=1),
    row("max", (2, 3, 2), dim=-2, keepdim=True),
    row("max", (3, 2), dim=0),
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
    row("min", (2, 3)),
    row("min", (2, 3), dim=-1),
    row("min", (2, 3, 2), dim=1, keepdim=True),
    row("min", (0, 3), dim=1),
    row("min", ()),
    row("amax", (2, 3)),
    row("amax", (2, 3, 2), dim=(0, -1)),
    row("amax", (2, 3), dim=(1,), keepdim=True),
    row("amax", (0, 3), dim=(1,)),
    row("amax", ()),
    row("amin", (2, 3), keepdim=True),
    row("amin", (2, 3, 2), dim=(-3, 2)),
    row("amin", (1, 1), dim=(0,)),
    row("maximum", (2, 3), (2, 3)),
    row("maximum", (1, 3), (2, 1)),
    row("maximum", (2, 0), ()),
    row("minimum", (2, 3), (2, 3)),
    row("minimum", (3,), (2, 1, 1)),
    row("minimum", (), ()),
    row("clamp", (2, 3), min=-0.5, max=0.5),
    row("clamp", (2, 3), min=0.25),
    row("clamp", (2, 3), max=-0.25),
    row("clamp", (2, 3), min=1.0, max=-1.0),
    row("clamp", (0, 3), min=0.0),
    row("where", (2, 3), (2, 3), (2, 3)),
    row("where", (2, 1), (3,), ()),
    row("where", (3,), (2, 1), (2, 3)),
    row("where", (0, 1), (3,), (1,)),
    row("abs", (2, 3)),
    row("abs", ()),
    row("negative", (2, 3)),
    row("negative", (0,)),
    row("exp", (2, 3)),
    row("exp", (0, 3)),
    row("log", (2, 3), domain="positive"),
    row("log", (), domain="unit"),
    row("sqrt", (2, 3), domain="positive"),
    row("sqrt", (1,), domain="unit"),
    row("subtract", (2, 3), (2, 3)),
    row("subtract", (1, 3), (2, 1)),
    row("subtract", (), (2,)),
    row("subtract", (0, 3), (1,)),
    row("divide", (2, 3), (2, 3), domain="positive"),
    row("divide", (1, 3), (2, 1), domain="positive"),
    row("divide", (), (2,), domain="unit"),
    row("divide", (2, 0), (1,)),
    row("mean", (2, 3)),
    row("mean", (2, 3, 2), dim=(0, -1)),
    row("mean", (2, 3), dim=(1,), keepdim=True),
    row("mean", (0, 3), dim=(0,)),
    row("mean", ()),
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
    "the first of equals that are smallest gets all along an axis":
        (row("min", dim=1), [[[3, 2, 2], [2, 1, 1]]], [4, 6], [2, 1], [[[0, 4, 0], [0, 6, 0]]]),
    "equals that are smallest share evenly over all of an array":
        (row("min"), [[[3, 2, 2], [5, 2, 5]]], 6, 2, [[[0, 2, 2], [0, 2, 0]]]),
    "the smallest of what holds a NaN is NaN":
        (row("min", dim=0), [[1, NAN, -INF, NAN]], 6, NAN, [[0, 6, 0, 0]]),
    "amax shares among equals, the two zeros included":
        (row("amax", dim=(1,)), [[[3, 5, 5], [0.0, -0.0, -1]]], [4, 6], [5, 0], [[[0, 2, 2], [3, 3, 0]]]),
    "amin shares among equals over two axes":
        (row("amin", dim=(0, 2)), [[[[1, 4], [2, 3]], [[1, 1], [5, 6]]]], [6, 7], [1, 2],
         [[[[2, 0], [7, 0]], [[2, 2], [0, 0]]]]),
    "amax passes an infinite cotangent to the largest alone":
        (row("amax"), [[1, 2]], INF, 2, [[0, INF]]),
    "amax of what holds a NaN is NaN, and so are its slopes":
        (row("amax"), [[1, NAN]], 6, NAN, [[NAN, NAN]]),
    "amin passes an infinite cotangent to the smallest alone":
        (row("amin", dim=(0,)), [[1, 2, 1]], INF, 1, [[INF, 0, INF]]),
    "amin is inf where nothing is smaller":
        (row("amin"), [[INF, INF]], 6, INF, [[3, 3]]),
    "a tie of two is split by their maximum":
        (row("maximum"), [[1, 2, 3, 0.0, INF], [2, 2, 2, -0.0, INF]], [4, 4, 4, 4, 4], [2, 2, 3, 0, INF],
         [[0, 2, 4, 2, 2], [4, 2, 0, 2, 2]]),
    "a tie of two is split by their minimum":
        (row("minimum"), [[1, 2, 3, 0.0, -INF], [2, 2, 2, -0.0, -INF]], [4, 4, 4, 4, 4],
         [1, 2, 2, 0, -INF], [[4, 2, 0, 2, 2], [0, 2, 4, 2, 2]]),
    "the maximum passes an infinite cotangent to the larger alone":
        (row("maximum"), [[1, 2], [2, 1]], [INF, INF], [2, 2], [[0, INF], [INF, 0]]),
    "clamp has the slope 0 at either bound":
        (row("clamp", min=-1.0, max=2.0), [[-INF, -2, -1, 0, 2, 3, INF, NAN]], [3, 3, 3, 3, 3, 3, 3, 3],
         [-1, -1, -1, 0, 2, 2, 2, NAN], [[0, 0, 0, 3, 0, 0, 0, 0]]),
    "clamp without one bound has none on that side":
        (row("clamp", min=1.0), [[-INF, 1, INF]], [3, 3, 3], [1, 1, INF], [[0, 0, 3]]),
    "clamp between equal bounds is constant":
        (row("clamp", min=1.0, max=1.0), [[0, 1, 2]], [3, INF, 3], [1, 1, 1], [[0, 0, 0]]),
    "clamp with its bounds exchanged is the upper one":
        (row("clamp", min=1.0, max=-1.0), [[-2, -1, 0, 1, 2]], [3, 3, 3, 3, 3], [-1] * 5, [[0] * 5]),
    "clamp is dead to an infinite cotangent outside":
        (row("clamp", max=0.0), [[1, -1]], [INF, INF], [0, -1], [[0, INF]]),
    "what where does not choose gets nothing, even of an infinite cotangent":
        (row("where"), [[True, False], [1, NAN], [NAN, 2]], [INF, -INF], [1, 2], [None, [INF, 0], [0, -INF]]),
    "the absolute value takes no share of an infinite cotangent at 0":
        (row("abs"), [[0, 0, 1, -1]], [INF, NAN, INF, INF], [0, 0, 1, 1], [[0, 0, INF, -INF]]),
    "the absolute value of a NaN is one, and has no slope":
        (row("abs"), [[NAN]], [3], [NAN], [[0]]),
    "the absolute value takes the slope 0 at either zero":
        (row("abs"), [[-INF, -2, -0.0, 0.0, TINY]], [3, 3, 3, 3, 3], [INF, 2, 0, 0, TINY],
         [[-3, -3, 0, 0, 3]]),
    "exp overflows to inf and underflows to 0":
        (row("exp"), [[-1000, 1000, -INF, INF, 0]], [3, 3, 3, 3, 3], [0, INF, 0, INF, 1],
         [[0, INF, 0, INF, 3]]),
    "log has a pole at 0 on either side":
        (row("log"), [[0.0, -0.0, 1, INF, -1]], [3, 3, 3, 3, 3], [-INF, -INF, 0, INF, NAN],
         [[INF, -INF, 3, 0, -3]]),
    "the root has an infinite slope at 0, and is NaN below":
        (row("sqrt"), [[0, 4, INF, -1]], [3, 3, 3, 3], [0, 2, INF, NAN], [[INF, 0.75, 0, NAN]]),
    "the root has no slope at 0 under no cotangent":
        (row("sqrt"), [[0]], [0], [0], [[NAN]]),
    "a quotient by 0 is infinite, or NaN for 0/0":
        (row("divide"), [[1, -1, 0, 1], [0.0, 0.0, 0.0, -0.0]], [2, 2, 2, 2], [INF, -INF, NAN, -INF],
         [[INF, INF, INF, -INF], [-INF, INF, NAN, -INF]]),
    "a quotient by inf is 0, or NaN for inf/inf":
        (row("divide"), [[1, INF], [INF, INF]], [2, 2], [0, NAN], [[0, 0], [0, NAN]]),
    "a quotient by a tiny number keeps its slope":
        (row("divide"), [[2.0**-600], [2.0**-600]], [1], [1], [[2.0**600], [-(2.0**600)]]),
    "the mean of nothing is NaN":
        (row("mean"), [[]], 2, NAN, [[]]),
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
    (row("min", (0, 3)), "min: x of shape (0, 3) has no entries"),
    (row("amax", (2, 0), dim=(1,)), "amax: x of shape (2, 0) has no entry to choose over dim=(1,)"),
    (row("amax", (2, 3), dim=(1, -1)), "amax: x of shape (2, 3) cannot be reduced over dim=(1, -1)"),
    (row("amin", (0,)), "amin: x of shape (0,) has no entry to choose over dim=None"),
    (row("mean", (2, 3), dim=(2,)), "mean: x of shape (2, 3) cannot be reduced over dim=(2,)"),
    (row("maximum", (2,), (3,)), "maximum: b of shape (3,) does not broadcast with a of shape (2,)"),
    (row("minimum", (2,), (3,)), "minimum: b of shape (3,) does not broadcast with a of shape (2,)"),
    (row("clamp", (2,)), "clamp: x of shape (2,) is to be clamped, but neither min nor max says where"),
    (
        row("where", (2,), (3,), (2,)),
        "where: a of shape (3,) does not broadcast with condition of shape (2,)",
    ),
    (row("where", (1,), (3,), (2,)), "where: b of shape (2,) does not broadcast with condition and a"),
    (row("subtract", (2,), (3,)), "subtract: b of shape (3,) does not broadcast with a of shape (2,)"),
    (row("divide", (2,), (3,)), "divide: b of shape (3,) does not broadcast with a of shape (2,)"),
    (row("power", (2,)), "power: exponents of shape None and exponent=None: needs one of the two"),
    (row("power", (2,), (2,), exponent=2.0), "power: exponents of shape (2,) and exponent=2.0: needs one"),
    (row("power", (2,), (3,)), "power: exponents of shape (3,) does not broadcast with base of shape (2,)"),
    (row("add", (2, 3), (2,)), "add: b of shape (2,) does not broadcast with a of shape (2, 3)"),
    (row("multiply", (4,), (3,)), "multiply: b of shape (3,) does not broadcast with a of shape (4,)"),
)
