"""Examples, edges and refusals of the ops of `reference/ops/normalization`."""

from __future__ import annotations

from tests.reference.example import row

EXAMPLES = (
    row("layer_norm", (3, 4), normalized_shape=(4,)),
    row("layer_norm", (2, 2, 3), (2, 3), (2, 3), normalized_shape=(2, 3), eps=0.5),
    row("layer_norm", (4,), None, (4,), normalized_shape=(4,)),
    row("layer_norm", (2, 3), (3,), None, normalized_shape=(3,)),
    row("layer_norm", (0, 3), (3,), (3,), normalized_shape=(3,)),
    row("layer_norm", (2, 1), (1,), (1,), normalized_shape=(1,)),
)

EDGES = {
    "layer norm of a constant group is its bias":
        (row("layer_norm", normalized_shape=(2,), eps=0.25), [[5, 5], [3, 3], [1, 2]], [1, 3],
         [1, 2], [[-6, 6], [0, 0], [1, 3]]),
    "layer norm of one entry has no gradient":
        (row("layer_norm", normalized_shape=(1,)), [[7]], [5], [0], [[0]]),
}  # fmt: skip

REFUSED = (
    (row("layer_norm", (2, 3), normalized_shape=(2,)), "layer_norm: x of shape (2, 3) does not end in"),
    (row("layer_norm", (2, 3)), "layer_norm: x of shape (2, 3) does not end in normalized_shape=()"),
    (row("layer_norm", (3,), (1,), normalized_shape=(3,)), "layer_norm: weight of shape (1,) is not"),
    (row("layer_norm", (3,), None, (), normalized_shape=(3,)), "layer_norm: bias of shape () is not"),
)
