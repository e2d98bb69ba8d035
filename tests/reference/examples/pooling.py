"""Examples, edges and refusals of the ops of `reference/ops/pooling`."""

from __future__ import annotations

from tests.reference.example import INF, NAN, row

EXAMPLES = (
    row("max_pool2d", (2, 1, 4, 5)),
    row("upsample_nearest2d", (2, 1, 2, 3), size=(5, 4)),
    row("upsample_nearest2d", (1, 2, 5, 4), size=(3, 8)),
    row("upsample_nearest2d", (1, 1, 3, 2), size=1),
    row("upsample_nearest2d", (0, 1, 2, 2), size=3),
    row("max_pool2d", (2, 5, 4), kernel_size=(3, 2), stride=(2, 1), padding=(1, 1)),
    row("max_pool2d", (1, 2, 4, 6), kernel_size=(2, 3), stride=(3, 2), padding=(1, 1), ceil_mode=True),
    row("max_pool2d", (1, 6, 7), kernel_size=(2, 3), stride=(1, 2), padding=(0, 1), dilation=(3, 2)),
    row("max_pool2d", (1, 3, 5), kernel_size=1, stride=(2, 3), ceil_mode=True),
    row("max_pool2d", (0, 2, 3, 3)),
    row("adaptive_avg_pool2d", (2, 1, 4, 5), output_size=(2, 3)),
    row("adaptive_avg_pool2d", (2, 3, 7), output_size=(5, None)),
    row("adaptive_avg_pool2d", (1, 2, 3, 2), output_size=4),
    row("adaptive_avg_pool2d", (0, 1, 3, 2), output_size=1),
    row("avg_pool2d", (2, 1, 4, 5)),
    row("avg_pool2d", (2, 5, 4), kernel_size=(3, 2), stride=(2, 1), padding=(1, 1)),
    row("avg_pool2d", (1, 2, 4, 6), kernel_size=(2, 3), stride=(3, 2), padding=(1, 1), ceil_mode=True),
    row("avg_pool2d", (1, 4, 6), kernel_size=(3, 3), padding=(1, 1), ceil_mode=True, count_include_pad=False),
    row("avg_pool2d", (1, 4, 6), kernel_size=(3, 2), stride=(1, 2), padding=(1, 0), divisor_override=-5),
    row("avg_pool2d", (1, 3, 5), kernel_size=1, stride=(2, 3)),
    row("avg_pool2d", (0, 2, 3, 3)),
)

EDGES = {
    "windows of adaptive pooling overlap where sizes do not divide":
        (row("adaptive_avg_pool2d", output_size=(1, 2)), [[[[1, 2, 6]]]], [[[4, 6]]], [[[1.5, 4]]],
         [[[[2, 5, 3]]]]),
    "an infinite entry stays in the windows that cover it":
        (row("adaptive_avg_pool2d", output_size=(1, 2)), [[[[1, 2, INF, 3]]]], [[[4, 6]]], [[[1.5, INF]]],
         [[[[2, 2, 3, 3]]]]),
    "an entry that is copied gets the cotangents of all copies":
        (row("upsample_nearest2d", size=(1, 5)), [[[[[3, 7]]]]], [[[[1, 2, 3, 4, 5]]]],
         [[[[3, 3, 3, 7, 7]]]], [[[[[6, 9]]]]]),
    "an entry that is left out has no gradient":
        (row("upsample_nearest2d", size=(1, 2)), [[[[[3, 7, 9]]]]], [[[[1, 2]]]], [[[[3, 7]]]],
         [[[[[1, 2, 0]]]]]),
    "max pooling gives a tie to the first in row-major order":
        (row("max_pool2d"), [[[[1, 2], [2, 2]]]], [[[3]]], [[[2]]], [[[[0, 3], [0, 0]]]]),
    "max pooling adds what several windows send":
        (row("max_pool2d", kernel_size=(1, 2), stride=(1, 1)), [[[[1, 5, 2]]]], [[[3, 4]]], [[[5, 5]]],
         [[[[0, 7, 0]]]]),
    "max pooling is dead to an infinite cotangent where it was not the largest":
        (row("max_pool2d", kernel_size=(1, 2)), [[[[1, 2]]]], [[[INF]]], [[[2]]], [[[[0, INF]]]]),
    "max pooling passes a NaN, and names it":
        (row("max_pool2d", kernel_size=(1, 3)), [[[[9, NAN, 8]]]], [[[3]]], [[[NAN]]], [[[[0, 3, 0]]]]),
    "an entry of −∞ comes before padding":
        (row("max_pool2d", kernel_size=(1, 2), padding=(0, 1)), [[[[-INF]]]], [[[3]]], [[[-INF]]], [[[[3]]]]),
    "a window of padding alone is −∞, without gradient":
        (row("max_pool2d", kernel_size=(1, 2), padding=(0, 1), dilation=(1, 2)), [[[[7]]]], [[[3]]],
         [[[-INF]]], [[[[0]]]]),
    "average pooling divides by the padding too":
        (row("avg_pool2d", kernel_size=(1, 2), padding=(0, 1)), [[[[3, 5]]]], [[[8, 4]]], [[[1.5, 2.5]]],
         [[[[4, 2]]]]),
    "average pooling divides by what is there, if asked":
        (row("avg_pool2d", kernel_size=(1, 2), padding=(0, 1), count_include_pad=False), [[[[3, 5]]]],
         [[[8, 4]]], [[[3, 5]]], [[[[8, 4]]]]),
    "average pooling does not count what lies behind the padding":
        (row("avg_pool2d", kernel_size=(1, 2), ceil_mode=True), [[[[3, 5, 7]]]], [[[8, 6]]], [[[4, 7]]],
         [[[[4, 4, 6]]]]),
    "average pooling divides by what it is told":
        (row("avg_pool2d", kernel_size=(1, 2), divisor_override=-4), [[[[3, 5]]]], [[[8]]], [[[-2]]],
         [[[[-2, -2]]]]),
}  # fmt: skip

REFUSED = (
    (
        row("adaptive_avg_pool2d", (3, 3), output_size=1),
        "adaptive_avg_pool2d: x of shape (3, 3) needs the axes (n, c, h, w) or (c, h, w)",
    ),
    (
        row("adaptive_avg_pool2d", (1, 3, 3), output_size=(1,)),
        "adaptive_avg_pool2d: x of shape (1, 3, 3) cannot have output_size=(1,)",
    ),
    (
        row("adaptive_avg_pool2d", (1, 3, 0), output_size=1),
        "adaptive_avg_pool2d: x of shape (1, 3, 0) has no entries",
    ),
    (row("upsample_nearest2d", (1, 3, 3), size=1), "upsample_nearest2d: x of shape (1, 3, 3) needs the axes"),
    (
        row("upsample_nearest2d", (1, 1, 3, 3), size=(1, 0)),
        "upsample_nearest2d: x of shape (1, 1, 3, 3) cannot",
    ),
    (row("upsample_nearest2d", (1, 1, 3, 0), size=1), "upsample_nearest2d: x of shape (1, 1, 3, 0) has no"),
    (row("max_pool2d", (3, 3)), "max_pool2d: x of shape (3, 3) needs the axes (n, c, h, w) or (c, h, w)"),
    (row("max_pool2d", (1, 3, 3), kernel_size=(2,)), "max_pool2d: x of shape (1, 3, 3) needs one number"),
    (row("max_pool2d", (1, 3, 3), padding=(0, 2)), "max_pool2d: x of shape (1, 3, 3) has no windows like"),
    (row("max_pool2d", (1, 3, 3), stride=(0, 1)), "max_pool2d: x of shape (1, 3, 3) has no windows like"),
    (row("max_pool2d", (1, 3, 1)), "max_pool2d: x of shape (1, 3, 1) has no room for"),
    (row("max_pool2d", (0, 3, 3)), "max_pool2d: x of shape (0, 3, 3) has no room for"),
    (row("avg_pool2d", (1, 3, 3), divisor_override=0), "avg_pool2d: x of shape (1, 3, 3) cannot be divided"),
    (row("avg_pool2d", (1, 3, 1)), "avg_pool2d: x of shape (1, 3, 1) has no room for"),
)
