"""Examples, edges and refusals of the ops of `reference/ops/activation`."""

from __future__ import annotations

import numpy as np

from tests.reference.example import INF, NAN, TINY, row

EXAMPLES = (
    row("elu", (2, 3)),
    row("elu", (2, 3), alpha=0.3),
    row("elu", (0,), alpha=-1.5),
    row("gelu", (2, 3)),
    row("gelu", (2, 3), approximate="tanh"),
    row("gelu", (0, 3)),
    row("gelu", ()),
    row("relu", (2, 3)),
    row("relu", ()),
    row("relu", (0, 3)),
    row("sigmoid", (2, 3)),
    row("softmax", (2, 3)),
    row("softmax", (3, 2), dim=0),
    row("softmax", (2, 3, 2), dim=1),
    row("softmax", (2, 1)),
    row("softmax", (2, 0)),
    row("softplus", (2, 3)),
    row("softplus", (2, 3), beta=2.0, threshold=0.5),
    row("softplus", (2, 3), beta=-0.5),
    row("tanh", (2, 3)),
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
    "softmax takes huge logits":
        (row("softmax"), [[1e308, 0, -1e308]], [1, 2, 3], [1, 0, 0], [[0, 0, 0]]),
    "softmax shares a tie":
        (row("softmax"), [[1e4, 1e4]], [4, 0], [0.5, 0.5], [[1, -1]]),
    "softmax takes a masked logit":
        (row("softmax"), [[0, -INF, 0]], [4, 7, 0], [0.5, 0, 0.5], [[1, 0, -1]]),
    "softmax has no gradient under a cotangent of ones":
        (row("softmax"), [[0, 0]], [1, 1], [0.5, 0.5], [[0, 0]]),
}  # fmt: skip

REFUSED = (
    (row("softmax", (2, 3), dim=2), "softmax: z of shape (2, 3) has no axis dim=2"),
    (row("softmax", ()), "softmax: z of shape () has no axis dim=-1"),
)
