"""Examples, edges and refusals of the ops of `reference/ops/activation`."""

from __future__ import annotations

import numpy as np

from tests.reference.example import INF, NAN, TINY, row

EXAMPLES = (
    row("celu", (2, 3)),
    row("celu", (2, 3), alpha=0.5),
    row("celu", (3,), alpha=-2.0),
    row("celu", (0,)),
    row("elu", (2, 3)),
    row("elu", (2, 3), alpha=0.3),
    row("elu", (0,), alpha=-1.5),
    row("gelu", (2, 3)),
    row("gelu", (2, 3), approximate="tanh"),
    row("gelu", (0, 3)),
    row("gelu", ()),
    row("glu", (2, 4)),
    row("glu", (4, 1, 3), dim=0),
    row("glu", (2, 6, 3), dim=-2),
    row("glu", (0, 2)),
    row("glu", (2, 0)),
    row("hardshrink", (2, 3)),
    row("hardshrink", (2, 3), lambd=0.0),
    row("hardshrink", (3,), lambd=-1.0),
    row("hardswish", (2, 3)),
    row("hardswish", (0, 3)),
    row("hardtanh", (2, 3)),
    row("hardtanh", (2, 3), min_val=-0.25, max_val=0.5),
    row("hardtanh", (3,), min_val=0.5, max_val=0.5),
    row("hardtanh", (3,), min_val=-INF, max_val=0.3),
    row("leaky_relu", (2, 3)),
    row("leaky_relu", (2, 3), negative_slope=-0.5),
    row("leaky_relu", (3,), negative_slope=2.0),
    row("leaky_relu", (), negative_slope=0.0),
    row("log_softmax", (2, 3)),
    row("log_softmax", (3, 2), dim=0),
    row("log_softmax", (2, 3, 2), dim=1),
    row("log_softmax", (2, 1)),
    row("log_softmax", (2, 0)),
    row("logsigmoid", (2, 3)),
    row("logsigmoid", (0,)),
    row("mish", (2, 3)),
    row("mish", ()),
    row("prelu", (2, 3), (3,)),
    row("prelu", (2, 3, 2), (1,)),
    row("prelu", (2, 3, 2), (3,)),
    row("prelu", (4,), (1,)),
    row("prelu", (2, 3), ()),
    row("prelu", (), (1,)),
    row("prelu", (0, 3), (3,)),
    row("relu", (2, 3)),
    row("relu", ()),
    row("relu", (0, 3)),
    row("relu6", (2, 3)),
    row("relu6", (0,)),
    row("selu", (2, 3)),
    row("selu", (0, 3)),
    row("sigmoid", (2, 3)),
    row("silu", (2, 3)),
    row("silu", ()),
    row("softmax", (2, 3)),
    row("softmax", (3, 2), dim=0),
    row("softmax", (2, 3, 2), dim=1),
    row("softmax", (2, 1)),
    row("softmax", (2, 0)),
    row("softmin", (2, 3)),
    row("softmin", (3, 2), dim=0),
    row("softmin", (2, 1)),
    row("softmin", (2, 0)),
    row("softplus", (2, 3)),
    row("softplus", (2, 3), beta=2.0, threshold=0.5),
    row("softplus", (2, 3), beta=-0.5),
    row("softshrink", (2, 3)),
    row("softshrink", (2, 3), lambd=0.0),
    row("softshrink", (3,), lambd=1.0),
    row("tanh", (2, 3)),
    row("threshold", (2, 3)),
    row("threshold", (2, 3), threshold=-0.5, value=2.0),
    row("threshold", (0,), threshold=0.5),
    row("hardsigmoid", (2, 3)),
    row("hardsigmoid", ()),
    row("softsign", (2, 3)),
    row("softsign", (0, 3)),
    row("tanhshrink", (2, 3)),
    row("tanhshrink", ()),
)

EDGES = {
    "elu belongs to the exponential at either zero":
        (row("elu", alpha=0.5), [[-0.0, 0.0, TINY]], [4, 4, 4], [0, 0, TINY], [[2, 2, 4]]),
    "elu saturates at -alpha and passes what is large":
        (row("elu", alpha=2.0), [[-INF, -1000, 1000, INF, NAN]], [3, 3, 3, 3, 3],
         [-2, -2, 1000, INF, NAN], [[0, 0, 3, 3, NAN]]),
    "gelu has the slope 1/2 at 0":
        (row("gelu"), [[0, 0]], [4, 8], [0, 0], [[2, 4]]),
    "gelu is the identity or nothing where z is large":
        (row("gelu"), [[1000, -1000]], [3, 3], [1000, 0], [[3, 0]]),
    "gelu by a tanh is so, too":
        (row("gelu", approximate="tanh"), [[1000, -1000]], [3, 3], [1000, 0], [[3, 0]]),
    "relu takes the slope 0 at either zero":
        (row("relu"), [[-0.0, 0.0, TINY]], [3, 3, 3], [0, 0, TINY], [[0, 0, 3]]),
    "relu is dead to an infinite cotangent":
        (row("relu"), [[-1, 0, 1]], [INF, -INF, INF], [0, 0, 1], [[0, 0, INF]]),
    "relu passes an infinite input":
        (row("relu"), [[-INF, INF]], [2, 2], [0, INF], [[0, 2]]),
    "sigmoid saturates without a NaN":
        (row("sigmoid"), [[-1000, 1000, -INF, INF]], [1, 1, 1, 1], [0, 1, 0, 1], [[0, 0, 0, 0]]),
    "sigmoid and its slope reach into the subnormal numbers":
        (row("sigmoid"), [[-740, -64, 64, NAN]], [1, 1, 1, 1], [np.exp(-740), np.exp(-64), 1, NAN],
         [[np.exp(-740), np.exp(-64), 0, NAN]]),
    "sigmoid has the slope 1/4 at 0":
        (row("sigmoid"), [0], 8, 0.5, [2]),
    "tanh saturates without a NaN":
        (row("tanh"), [[-1000, 1000, INF]], [1, 1, 1], [-1, 1, 1], [[0, 0, 0]]),
    "softplus is logarithmic at the threshold and linear above it":
        (row("softplus", threshold=0.0), [[0, TINY]], [8, 8], [np.log(2), TINY], [[4, 8]]),
    "softplus compares beta z with the threshold":
        (row("softplus", beta=2.0, threshold=1.0), [[0.5, 0.75]], [1, 1],
         [(np.log1p(np.exp(-1)) + 1) / 2, 0.75], [[1 / (1 + np.exp(-1)), 1]]),
    "softplus neither overflows nor cancels":
        (row("softplus"), [[-1000, 1000, -INF, INF]], [1, 1, 1, 1], [0, 1000, 0, INF], [[0, 1, 0, 1]]),
    "softplus has a slope in the subnormal numbers":
        (row("softplus"), [[-740, -740]], [1, INF], [np.exp(-740), np.exp(-740)], [[np.exp(-740), INF]]),
    "logsigmoid has a slope in the subnormal numbers":
        (row("logsigmoid"), [[740]], [1], [-np.exp(-740)], [[np.exp(-740)]]),
    "silu reaches into the subnormal numbers":
        (row("silu"), [[-740]], [1], [-740 * np.exp(-740)], [[np.exp(-740) * -739]]),
    "glu reaches into the subnormal numbers":
        (row("glu"), [[1, -740]], [1], [np.exp(-740)], [[np.exp(-740), np.exp(-740)]]),
    "mish has a slope in the subnormal numbers":
        (row("mish"), [[-740]], [1], [-740 * np.exp(-740)], [[np.exp(-740) + -740 * np.exp(-740)]]),
    "softmax takes huge logits":
        (row("softmax"), [[1e308, 0, -1e308]], [1, 2, 3], [1, 0, 0], [[0, 0, 0]]),
    "softmax shares a tie":
        (row("softmax"), [[1e4, 1e4]], [4, 0], [0.5, 0.5], [[1, -1]]),
    "softmax takes a masked logit":
        (row("softmax"), [[0, -INF, 0]], [4, 7, 0], [0.5, 0, 0.5], [[1, 0, -1]]),
    "softmax has no gradient under a cotangent of ones":
        (row("softmax"), [[0, 0]], [1, 1], [0.5, 0.5], [[0, 0]]),
    "celu has the slope 1 at 0 from both sides, whatever alpha is":
        (row("celu", alpha=-0.5), [[-0.0, 0.0, TINY]], [3, 4, 5], [0, 0, TINY], [[3, 4, 5]]),
    "celu saturates at -alpha":
        (row("celu", alpha=2.0), [[-INF, -5000, 5000, INF, NAN]], [1, 1, 1, 1, 1],
         [-2, -2, 5000, INF, NAN], [[0, 0, 1, 1, NAN]]),
    "glu gates the first half by the second":
        (row("glu"), [[[3, 5, 0, -INF]]], [[4, 1]], [[1.5, 0]], [[[2, 0, 3, 0]]]),
    "hardshrink holds its bounds, and jumps beyond them":
        (row("hardshrink", lambd=1.0), [[-1, 1, 1 + 2**-52, -2, NAN]], [3, 3, 3, 3, 3],
         [0, 0, 1 + 2**-52, -2, NAN], [[0, 0, 3, 3, 3]]),
    "hardshrink by nothing is the identity, at 0 too":
        (row("hardshrink", lambd=0.0), [[-0.0, 0.0, 1]], [3, 4, 5], [0, 0, 1], [[3, 4, 5]]),
    "hardswish has the slope of least norm at either bound":
        (row("hardswish"), [[-3, 3, 0]], [6, 6, 6], [0, 3, 0], [[0, 6, 3]]),
    "hardswish is nothing or the identity beyond its bounds":
        (row("hardswish"), [[-INF, -4, 4, INF]], [INF, 2, 2, 2], [0, 0, 4, INF], [[0, 0, 2, 2]]),
    "hardswish of a NaN is one, and so is its slope":
        (row("hardswish"), [[NAN]], [6], [NAN], [[NAN]]),
    "hardtanh has the slope 0 at either bound":
        (row("hardtanh", min_val=-2.0, max_val=1.0), [[-2, 1, -1, -INF, INF, NAN]], [3, 3, 3, INF, 3, 3],
         [-2, 1, -1, -2, 1, NAN], [[0, 0, 3, 0, 0, 3]]),
    "leaky relu takes its own slope at 0 where it lies between 0 and 1":
        (row("leaky_relu", negative_slope=0.25), [[-0.0, 0.0, TINY]], [4, 8, 4], [0, 0, TINY], [[1, 2, 4]]),
    "leaky relu of a negative slope has a minimum at 0":
        (row("leaky_relu", negative_slope=-0.5), [[0.0, -2]], [4, 4], [0, 1], [[0, -2]]),
    "leaky relu of a slope above 1 takes the lesser slope at 0":
        (row("leaky_relu", negative_slope=2.0), [[0.0, -2]], [4, 4], [0, -4], [[4, 8]]),
    "leaky relu passes a NaN by its slope":
        (row("leaky_relu", negative_slope=0.25), [[NAN, INF, -INF]], [4, 4, 4], [NAN, INF, -INF],
         [[1, 4, 1]]),
    "log-softmax takes huge logits":
        (row("log_softmax"), [[1e308, 0, -1e308]], [1, 2, 4], [0, -1e308, -INF], [[-6, 2, 4]]),
    "log-softmax shares a tie":
        (row("log_softmax"), [[1e4, 1e4]], [4, 0], [-np.log(2), -np.log(2)], [[2, -2]]),
    "log-softmax of one class is 0 and has no gradient":
        (row("log_softmax"), [[[7], [-3]]], [[2], [5]], [[0], [0]], [[[0], [0]]]),
    "logsigmoid neither overflows nor cancels":
        (row("logsigmoid"), [[-1000, 1000, -INF, INF, 0]], [1, 1, 1, 1, 8],
         [-1000, 0, -INF, 0, -np.log(2)], [[1, 0, 1, 0, 4]]),
    "mish is the identity or nothing where z is large":
        (row("mish"), [[1000, -1000, 0]], [3, 3, 5], [1000, 0, 0], [[3, 0, 5 * np.tanh(np.log1p(1.0))]]),
    "prelu belongs to its slope at either zero, and 0 tells nothing of the slope":
        (row("prelu"), [[-0.0, 0.0, -3, 5], [-0.5]], [4, 8, 2, 1], [0, 0, 1.5, 5], [[-2, -4, -1, 1], [-6]]),
    "prelu passes a NaN by its slope":
        (row("prelu"), [[NAN, 2], [0.5]], [4, 4], [NAN, 2], [[2, 4], [NAN]]),
    "relu passes a NaN and its cotangent":
        (row("relu"), [[NAN]], [3], [NAN], [[3]]),
    "relu6 has the slope 0 at 0 and at 6":
        (row("relu6"), [[0, 6, 3, -INF, INF, NAN]], [3, 3, 3, INF, 3, 3],
         [0, 6, 3, 0, 6, NAN], [[0, 0, 3, 0, 0, 3]]),
    "selu passes what is large by its scale":
        (row("selu"), [[INF, 1000]], [1, 2], [INF, 1000 * 1.0507009873554805],
         [[1.0507009873554805, 2 * 1.0507009873554805]]),
    "selu belongs to the exponential at either zero":
        (row("selu"), [[-0.0, 0.0, -INF, NAN]], [1, 1, 1, 1],
         [0, 0, -1.0507009873554805 * 1.6732632423543772, NAN],
         [[1.0507009873554805 * 1.6732632423543772, 1.0507009873554805 * 1.6732632423543772, 0, NAN]]),
    "silu is the identity or nothing where z is large":
        (row("silu"), [[1000, -1000, 0]], [3, 3, 4], [1000, 0, 0], [[3, 0, 2]]),
    "softmin takes huge values":
        (row("softmin"), [[-1e308, 0, 1e308]], [1, 2, 3], [1, 0, 0], [[0, 0, 0]]),
    "softmin shares a tie":
        (row("softmin"), [[1e4, 1e4]], [4, 0], [0.5, 0.5], [[-1, 1]]),
    "softshrink has the slope 0 at its bounds":
        (row("softshrink", lambd=1.0), [[-1, 1, -3, 3, 0.5, NAN]], [2, 2, 2, 2, INF, 2],
         [0, 0, -2, 2, 0, NAN], [[0, 0, 2, 2, 0, 2]]),
    "softshrink by nothing is the identity, at 0 too":
        (row("softshrink", lambd=0.0), [[-0.0, 0.0, 1]], [3, 4, 5], [0, 0, 1], [[3, 4, 5]]),
    "the point of the threshold belongs to the constant":
        (row("threshold", threshold=1.0, value=5.0), [[1, 1 + 2**-52, -INF, NAN]], [3, 3, INF, 3],
         [5, 1 + 2**-52, 5, NAN], [[0, 3, 0, 3]]),
    "hardsigmoid has the slope 0 at either bound":
        (row("hardsigmoid"), [[-3, 3, 0, -INF, INF]], [6, 6, 6, 6, INF],
         [0, 1, 0.5, 0, 1], [[0, 0, 1, 0, 0]]),
    "hardsigmoid passes a NaN and its cotangent":
        (row("hardsigmoid"), [[NAN]], [6], [NAN], [[1]]),
    "hardsigmoid is exact next to its lower bound":
        (row("hardsigmoid"), [[2**-51 - 3]], [6], [2**-51 / 6], [[1]]),
    "softsign has the slope 1 at either zero":
        (row("softsign"), [[-0.0, 0.0, 1, -3]], [1, 1, 4, 16], [0, 0, 0.5, -0.75], [[1, 1, 1, 1]]),
    "softsign keeps a slope whose square root's square underflows":
        (row("softsign"), [[2.0**600]], [2.0**1000], [1], [[2.0**-200]]),
    "tanhshrink is flat at 0":
        (row("tanhshrink"), [[0, 1000, -INF]], [3, 3, 3], [0, 999, -INF], [[0, 3, 3]]),
}  # fmt: skip

REFUSED = (
    (row("celu", (2,), alpha=0.0), "celu: z of shape (2,) cannot be divided by alpha=0"),
    (row("glu", (2, 3)), "glu: x of shape (2, 3) has an odd axis dim=-1"),
    (row("glu", ()), "glu: x of shape () has no axis dim=-1"),
    (
        row("hardtanh", (2,), min_val=1.0, max_val=0.0),
        "hardtanh: z of shape (2,) cannot be held in",
    ),
    (row("log_softmax", (2, 3), dim=-3), "log_softmax: z of shape (2, 3) has no axis dim=-3"),
    (row("prelu", (2, 3), (2,)), "prelu: weight of shape (2,) does not fit z of shape (2, 3)"),
    (row("prelu", (3,), (3,)), "prelu: weight of shape (3,) does not fit z of shape (3,)"),
    (row("softmin", (2, 3), dim=2), "softmin: z of shape (2, 3) has no axis dim=2"),
    (row("softshrink", (2,), lambd=-1.0), "softshrink: z of shape (2,) cannot be shrunk by lambd=-1.0"),
    (row("softmax", (2, 3), dim=2), "softmax: z of shape (2, 3) has no axis dim=2"),
    (row("softmax", ()), "softmax: z of shape () has no axis dim=-1"),
)
