"""Examples, edges and refusals of the ops of `reference/ops/normalization`."""

from __future__ import annotations

import numpy as np

from tests.reference.example import INF, row

EXAMPLES = (
    row("batch_norm", (4, 3), training=True),
    row("batch_norm", (2, 3, 2), (3,), (3,), (3,), (3,), training=True, momentum=0.25),
    row("batch_norm", (1, 2, 2, 2), None, None, (2,), None, training=True, eps=0.5),
    row("batch_norm", (4, 1), (1,), (1,), None, (1,), training=True, momentum=1.0),
    row("batch_norm", (4, 3), (3,), (3,), (3,), (3,), domain="positive"),
    row("batch_norm", (1, 2, 1), (2,), (2,), None, (2,), eps=0.0, domain="positive"),
    row("batch_norm", (0, 3), (3,), (3,), (3,), domain="positive"),
    row("dropout", (2, 3), (2, 3)),
    row("dropout", (2, 3), (2, 3), p=0.0),
    row("dropout", (2, 3), (2, 3), p=1.0),
    row("dropout", (3,), (3,), p=0.3, training=False),
    row("dropout", (), ()),
    row("dropout", (0, 3), (0, 3), p=0.25),
    row("group_norm", (2, 6), num_groups=2),
    row("group_norm", (2, 4, 3), (4,), (4,), num_groups=2, eps=0.5),
    row("group_norm", (2, 2, 1, 3), (2,), None, num_groups=1),
    row("group_norm", (2, 3, 3), None, (3,), num_groups=3),
    row("group_norm", (2, 3), (3,), (3,), num_groups=3),
    row("group_norm", (0, 2), (2,), (2,), num_groups=1),
    row("group_norm", (2, 2, 0), (2,), (2,), num_groups=2),
    row("instance_norm", (2, 3, 4)),
    row("instance_norm", (2, 3, 2, 2), (3,), (3,), (3,), (3,), momentum=0.25),
    row("instance_norm", (1, 2, 3), None, None, (2,), None, eps=0.5),
    row("instance_norm", (2, 3, 4), (3,), (3,), None, (3,), use_input_stats=False, domain="positive"),
    row("instance_norm", (2, 3), (3,), (3,), use_input_stats=False, domain="positive"),
    row("layer_norm", (3, 4), normalized_shape=(4,)),
    row("layer_norm", (2, 2, 3), (2, 3), (2, 3), normalized_shape=(2, 3), eps=0.5),
    row("layer_norm", (4,), None, (4,), normalized_shape=(4,)),
    row("layer_norm", (2, 3), (3,), None, normalized_shape=(3,)),
    row("layer_norm", (0, 3), (3,), (3,), normalized_shape=(3,)),
    row("layer_norm", (2, 1), (1,), (1,), normalized_shape=(1,)),
    row("local_response_norm", (2, 4, 3), size=3, alpha=0.5),
    row("local_response_norm", (2, 4, 2), size=2, alpha=1.0, beta=0.5, k=2.0),
    row("local_response_norm", (1, 3, 2, 2), size=5, alpha=0.5, beta=-1.0),
    row("local_response_norm", (2, 1, 2), size=1, alpha=1.0, beta=2.0, k=0.5),
    row("local_response_norm", (2, 0, 3), size=2),
    row("rms_norm", (3, 4), normalized_shape=(4,), eps=1e-5),
    row("rms_norm", (2, 2, 3), (2, 3), normalized_shape=(2, 3), eps=0.5),
    row("rms_norm", (0, 3), (3,), normalized_shape=(3,), eps=1e-5),
    row("rms_norm", (2, 1), (1,), normalized_shape=(1,), eps=0.5),
    row("rms_norm", (2, 0), (0,), normalized_shape=(0,), eps=0.5),
)

EDGES = {
    "layer norm of a constant group is its bias":
        (row("layer_norm", normalized_shape=(2,), eps=0.25), [[5, 5], [3, 3], [1, 2]], [1, 3],
         [1, 2], [[-6, 6], [0, 0], [1, 3]]),
    "layer norm of one entry has no gradient":
        (row("layer_norm", normalized_shape=(1,)), [[7]], [5], [0], [[0]]),
    "rms norm of zeros is 0, and its slope is 1/√ε":
        (row("rms_norm", normalized_shape=(2,), eps=0.25), [[0, 0], [3, 3]], [1, 2],
         [0, 0], [[6, 12], [0, 0]]),
    "rms norm does not centre":
        (row("rms_norm", normalized_shape=(2,), eps=0.0), [[2, 2]], [1, 3], [1, 1], [[-0.5, 0.5]]),
    "group norm of a constant group is the bias of each channel":
        (row("group_norm", num_groups=1, eps=0.25), [[[5, 5]], [3, 4], [1, 2]], [[1, 3]],
         [[1, 2]], [[[-9, 9]], [0, 0], [1, 3]]),
    "batch norm in evaluation is an affine map":
        (row("batch_norm", eps=0.0), [[[3.0]], [1], [4], [6], [5]], [[2]], [[11]],
         [[[6]], None, None, [2], [2]]),
    "batch norm has no gradient under a cotangent that is constant over a channel":
        (row("batch_norm", training=True, eps=1.0), [[[1], [1]]], [[3], [3]], [[0], [0]], [[[0], [0]]]),
    "dropout drops an infinite input and an infinite cotangent":
        (row("dropout"), [[INF, 1, INF], [0, 0, 1]], [1, INF, 3], [0, 0, INF], [[0, 0, 6], None]),
    "dropout with p = 1 keeps nothing, whatever the mask says":
        (row("dropout", p=1.0), [[1, INF], [1, 1]], [1, INF], [0, 0], [[0, 0], None]),
    "dropout with p = 0 keeps everything, whatever the mask says":
        (row("dropout", p=0.0), [[1, 2], [0, 1]], [3, 4], [1, 2], [[3, 4], None]),
    "dropout in evaluation ignores the mask":
        (row("dropout", training=False), [[1, 2], [0, 0]], [3, INF], [1, 2], [[3, INF], None]),
    "local response norm counts channels beyond the ends as 0":
        (row("local_response_norm", size=3, alpha=3.0, beta=1.0, k=1.0), [[[[1]]]], [[[2]]],
         [[[0.5]]], [[[[0]]]]),
    "the window of an even size reaches one channel further back":
        (row("local_response_norm", size=2, alpha=2.0, beta=1.0, k=1.0), [np.ones((1, 2, 1))],
         [[[0], [9]]], [[[1 / 2], [1 / 3]]], [[[[-2], [1]]]]),
}  # fmt: skip

REFUSED = (
    (row("batch_norm", (3,), training=True), "batch_norm: x of shape (3,) needs a batch axis and a channel"),
    (row("batch_norm", (1, 3), training=True), "batch_norm: x of shape (1, 3) has fewer than two values"),
    (row("batch_norm", (0, 3), training=True), "batch_norm: x of shape (0, 3) has fewer than two values"),
    (row("batch_norm", (2, 3)), "batch_norm: running_mean of shape None is needed"),
    (row("batch_norm", (2, 3), (3,), None), "batch_norm: running_var of shape None must be given"),
    (row("batch_norm", (2, 3), None, None, (2,)), "batch_norm: weight of shape (2,) is not (3,)"),
    (row("batch_norm", (2, 3), (1,), (3,)), "batch_norm: running_mean of shape (1,) is not (3,)"),
    (row("dropout", (2,), (3,)), "dropout: mask of shape (3,) is not the shape of x, (2,)"),
    (row("dropout", (2,), (2,), p=1.5), "dropout: x of shape (2,) cannot be dropped with p=1.5"),
    (row("group_norm", (4,), num_groups=2), "group_norm: x of shape (4,) needs a batch axis and a channel"),
    (row("group_norm", (2, 4), num_groups=3), "group_norm: x of shape (2, 4) cannot be divided into"),
    (row("group_norm", (2, 4), num_groups=0), "group_norm: x of shape (2, 4) cannot be divided into"),
    (row("group_norm", (2, 4), None, (2,), num_groups=2), "group_norm: bias of shape (2,) is not (4,)"),
    (row("instance_norm", (2, 3)), "instance_norm: x of shape (2, 3) has fewer than two values"),
    (row("instance_norm", (2, 3, 1)), "instance_norm: x of shape (2, 3, 1) has fewer than two values"),
    (row("layer_norm", (2, 3), normalized_shape=(2,)), "layer_norm: x of shape (2, 3) does not end in"),
    (row("layer_norm", (2, 3)), "layer_norm: x of shape (2, 3) does not end in normalized_shape=()"),
    (row("layer_norm", (3,), (1,), normalized_shape=(3,)), "layer_norm: weight of shape (1,) is not"),
    (row("layer_norm", (3,), None, (), normalized_shape=(3,)), "layer_norm: bias of shape () is not"),
    (row("local_response_norm", (2, 3), size=3), "local_response_norm: x of shape (2, 3) needs a batch axis"),
    (
        row("local_response_norm", (2, 3, 1), size=0),
        "local_response_norm: x of shape (2, 3, 1) has no",
    ),
    (row("rms_norm", (2,), normalized_shape=(), eps=1.0), "rms_norm: x of shape (2,) does not end in"),
    (row("rms_norm", (2,), (1,), normalized_shape=(2,), eps=1.0), "rms_norm: weight of shape (1,) is not"),
)
