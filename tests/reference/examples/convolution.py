"""Examples, edges and refusals of the ops of `reference/ops/convolution`."""

from __future__ import annotations

from tests.reference.example import row

INF = float("inf")

EXAMPLES = (
    row("conv1d", (2, 3, 5), (4, 3, 3), (4,), stride=2, padding=(1,)),
    row("conv1d", (4, 7), (2, 2, 2), None, dilation=(3,), groups=2),
    row("conv1d", (1, 2, 5), (2, 2, 4), (2,), padding="same"),
    row("conv1d", (0, 1, 3), (1, 1, 1), (1,)),
    row("conv2d", (2, 3, 5, 4), (4, 3, 3, 2), (4,)),
    row("conv2d", (2, 3, 4), (3, 2, 2, 3), (3,), padding=(0, 1)),
    row("conv2d", (1, 2, 4, 5), (2, 2, 1, 1), None, stride=(2, 3)),
    row("conv2d", (2, 4, 4, 3), (4, 1, 3, 2), (4,), padding=(1, 1), groups=4),
    row("conv2d", (1, 4, 5, 6), (6, 2, 2, 3), None, stride=(2, 1), padding=(1, 2), dilation=(3, 2), groups=2),
    row("conv2d", (1, 1, 6, 7), (1, 1, 3, 2), (1,), stride=(3, 2), dilation=(2, 3)),
    row("conv2d", (1, 1, 2, 3), (1, 1, 2, 1), (1,), padding=(3, 2)),
    row("conv2d", (2, 3, 4), (2, 2, 4, 3), (2,), padding="same", dilation=(1, 2)),
    row("conv2d", (2, 5, 4), (2, 2, 2, 3), None, padding="valid", stride=2),
    row("conv2d", (0, 2, 3, 4), (2, 2, 2, 2), (2,)),
    row("conv2d", (1, 1, 1, 1), (1, 1, 1, 1), (1,)),
    row("conv_transpose2d", (2, 3, 3, 4), (3, 2, 3, 2), (2,), stride=(2, 1), padding=(1, 0)),
    row("conv_transpose2d", (4, 2, 3), (4, 1, 2, 3), None, stride=(3, 2), output_padding=(2, 1), groups=2),
    row("conv_transpose2d", (1, 1, 4, 3), (1, 2, 2, 1), (2,), padding=(2, 0), dilation=(3, 1)),
    row("conv_transpose2d", (1, 2, 2, 2), (2, 1, 1, 2), (1,), stride=2, dilation=3, output_padding=(2, 0)),
    row("conv_transpose2d", (0, 2, 3, 3), (2, 1, 2, 2), (1,)),
)

EDGES = {
    "a transposed convolution spreads each entry":
        (row("conv_transpose2d", stride=(1, 2)), [[[[3, 5]]], [[[[2, 7]]]], [1]], [[[1, 2, 3, 4]]],
         [[[7, 22, 11, 36]]], [[[[16, 34]]], [[[[18, 26]]]], [10]]),
    "padding of a transposed convolution cuts off, and output padding less of it":
        (row("conv_transpose2d", stride=2, padding=(0, 1), output_padding=1),
         [[[[3, 5]]], [[[[2, 7, 1]]]], [1]], [[[1, 2, 3, 4], [5, 6, 7, 8]]],
         [[[22, 14, 36, 6], [1, 1, 1, 1]]],
         [[[[9, 29]]], [[[[10, 18, 26]]]], [36]]),
    "convolution does not flip its kernel, and its adjoint does":
        (row("conv2d"), [[[[1, 0, 0]]], [[[[2, 3]]]]], [[[5, 7]]], [[[2, 0]]],
         [[[[10, 29, 21]]], [[[[5, 0]]]]]),
    "padding of an odd number of zeros has one more behind":
        (row("conv2d", padding="same"), [[[[3, 5]]], [[[[2, 10]]]]], [[[1, 7]]], [[[56, 10]]],
         [[[[2, 24]]], [[[[38, 5]]]]]),
    "an entry behind the last window has no gradient":
        (row("conv2d", stride=(1, 2)), [[[[1, 2, 3, 4]]], [[[[10]]]], [1]], [[[1, 2]]], [[[11, 31]]],
         [[[[10, 0, 20, 0]]], [[[[7]]]], [3]]),
    "an infinite weight meets no gap between windows":
        (row("conv2d", stride=(1, 2)), [[[[1, 1, 1, 1]]], [[[[INF, 2]]]]], [[[1, 3]]], [[[INF, INF]]],
         [[[[INF, 2, INF, 6]]], [[[[4, 4]]]]]),
    "an infinite weight meets no gap between taps, and nothing before the first window":
        (row("conv1d", dilation=(2,)), [[[1, 1, 1, 1]], [[[2, INF]]]], [[1, 3]], [[INF, INF]],
         [[[2, 6, INF, INF]], [[[4, 4]]]]),
    "an infinite weight spreads entries, and not the gaps between them":
        (row("conv_transpose2d", stride=(1, 2)), [[[[3, 5]]], [[[[INF, 2]]]]], [[[1, 1, 1, 1]]],
         [[[INF, 6, INF, 10]]], [[[[INF, INF]]], [[[[8, 8]]]]]),
    "an output of padding alone has a gradient in its bias only":
        (row("conv2d", padding=(0, 1)), [[[[3]]], [[[[2]]]], [1]], [[[5, 7, 11]]], [[[1, 7, 1]]],
         [[[[14]]], [[[[21]]]], [23]]),
}  # fmt: skip

REFUSED = (
    (row("conv1d", (3,), (1, 1, 1)), "conv1d: x of shape (3,) needs channels and 1 axes behind them"),
    (row("conv1d", (1, 3), (1, 1, 1), stride=(1, 1)), "conv1d: x of shape (1, 3) needs one number"),
    (row("conv1d", (1, 3), (1, 1, 4)), "conv1d: x of shape (1, 3) has no room for the weight"),
    (row("conv2d", (3, 3), (1, 1, 1, 1)), "conv2d: x of shape (3, 3) needs channels and 2 axes"),
    (row("conv2d", (2, 3, 3), (1, 1, 1, 1)), "conv2d: weight of shape (1, 1, 1, 1) does not fit x of shape"),
    (row("conv2d", (2, 3, 3), (3, 1, 1, 1), groups=2), "conv2d: weight of shape (3, 1, 1, 1) has output"),
    (row("conv2d", (2, 3, 3), (2, 1, 1, 1), groups=0), "conv2d: weight of shape (2, 1, 1, 1) does not fit x"),
    (row("conv2d", (1, 3, 3), (2, 1, 0, 1)), "conv2d: weight of shape (2, 1, 0, 1) does not fit x"),
    (row("conv2d", (1, 3, 3), (2, 1, 1, 1), (3,)), "conv2d: bias of shape (3,) does not fit weight"),
    (row("conv2d", (1, 3, 3), (2, 1, 1, 1), stride=(1,)), "conv2d: x of shape (1, 3, 3) needs one number"),
    (row("conv2d", (1, 3, 3), (2, 1, 1, 1), padding="same", stride=2), "conv2d: x of shape (1, 3, 3) cannot"),
    (row("conv2d", (1, 3, 3), (2, 1, 1, 1), stride=(0, 1)), "conv2d: x of shape (1, 3, 3) has no room for"),
    (row("conv2d", (1, 3, 3), (2, 1, 1, 1), padding=(0, -1)), "conv2d: x of shape (1, 3, 3) has no room for"),
    (row("conv2d", (1, 3, 3), (2, 1, 2, 2), dilation=(1, 3)), "conv2d: x of shape (1, 3, 3) has no room for"),
    (row("conv2d", (1, 0, 3), (2, 1, 1, 1), padding=(1, 1)), "conv2d: x of shape (1, 0, 3) has no room for"),
    (row("conv_transpose2d", (3, 3), (1, 1, 1, 1)), "conv_transpose2d: x of shape (3, 3) needs channels and"),
    (
        row("conv_transpose2d", (1, 3, 3), (1, 1, 1, 1), stride=(1,)),
        "conv_transpose2d: x of shape (1, 3, 3) needs one number",
    ),
    (
        row("conv_transpose2d", (3, 3, 3), (3, 1, 1, 1), groups=2),
        "conv_transpose2d: weight of shape (3, 1, 1, 1) does not fit x of shape (3, 3, 3) in 2 groups",
    ),
    (
        row("conv_transpose2d", (1, 3, 3), (1, 2, 1, 1), (1,)),
        "conv_transpose2d: bias of shape (1,) does not fit weight of shape (1, 2, 1, 1): needs (2,)",
    ),
    (
        row("conv_transpose2d", (1, 3, 3), (1, 1, 1, 1), stride=2, output_padding=2),
        "conv_transpose2d: x of shape (1, 3, 3) cannot be spread like this",
    ),
    (
        row("conv_transpose2d", (1, 1, 3), (1, 1, 1, 1), padding=1),
        "conv_transpose2d: x of shape (1, 1, 3) leaves nothing with the weight",
    ),
)
