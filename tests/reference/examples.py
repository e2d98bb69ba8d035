"""One small table of inputs for every op; the laws in `test_ops.py` hold on every row.

A row is an op, its attributes and the shapes of its inputs; the values are drawn.  Degenerate shapes
stand beside the ordinary ones, since laws have no exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Op, Shape, op_class


@dataclass(frozen=True)
class Example:
    op: Op
    shapes: tuple[Shape | None, ...]

    def inputs(self, dtype: Any, seed: int = 0) -> list[Any]:
        """Drawn inputs: normal, or one of 0 … 2 for an index; None where left out."""
        rng, names = np.random.default_rng(seed), self.op.signature()
        return [
            None
            if shape is None
            else rng.integers(0, 3, shape)
            if self.op.kinds.get(names.name(position)) == "index"
            else np.asarray(rng.standard_normal(shape), dtype)
            for position, shape in enumerate(self.shapes)
        ]

    def cotangents(self, dtype: Any, seed: int = 1) -> list[Any]:
        """Drawn cotangents of the outputs: never ones, under which softmax has no gradient."""
        rng = np.random.default_rng(seed)
        return [np.asarray(rng.standard_normal(shape), dtype) for shape in self.op.infer(*self.shapes)]

    def __str__(self) -> str:
        return f"{self.op!r}{self.shapes}".replace(" ", "")


def row(name: str, *shapes: Shape | None, **attributes: Any) -> Example:
    return Example(op_class(name)(**attributes), shapes)


EXAMPLES = (
    row("add", (2, 3), (2, 3)),
    row("add", (1, 3), (2, 1)),
    row("add", (2, 2, 3), (3,)),
    row("add", (), (2,)),
    row("add", (1,), (0,)),
    row("concatenate", (2, 3), (1, 3)),
    row("concatenate", (2, 1), (2, 0), (2, 3), dim=-1),
    row("concatenate", (3,)),
    row("cross_entropy", (4, 3), (4,)),
    row("cross_entropy", (4, 3), (4,), reduction="sum"),
    row("cross_entropy", (2, 3, 2), (2, 2), reduction="none"),
    row("cross_entropy", (3,), ()),
    row("cross_entropy", (0, 3), (0,), reduction="sum"),
    row("layer_norm", (3, 4), normalized_shape=(4,)),
    row("layer_norm", (2, 2, 3), (2, 3), (2, 3), normalized_shape=(2, 3), eps=0.5),
    row("layer_norm", (4,), None, (4,), normalized_shape=(4,)),
    row("layer_norm", (2, 3), (3,), None, normalized_shape=(3,)),
    row("layer_norm", (0, 3), (3,), (3,), normalized_shape=(3,)),
    row("layer_norm", (2, 1), (1,), (1,), normalized_shape=(1,)),
    row("linear", (2, 3), (4, 3), (4,)),
    row("linear", (2, 2, 3), (1, 3)),
    row("linear", (3,), (2, 3), (2,)),
    row("linear", (2, 3), (2, 3), None),
    row("linear", (0, 3), (2, 3), (2,)),
    row("linear", (2, 0), (2, 0), (2,)),
    row("matmul", (2, 3), (3, 4)),
    row("matmul", (3,), (3,)),
    row("matmul", (3,), (2, 3, 2)),
    row("matmul", (2, 2, 3), (3,)),
    row("matmul", (2, 1, 1, 3), (2, 3, 2)),
    row("matmul", (2, 0), (0, 3)),
    row("mse", (2, 3), (2, 3)),
    row("mse", (2, 3), (2, 3), reduction="sum"),
    row("mse", (3,), (3,), reduction="none"),
    row("mse", (), ()),
    row("multiply", (2, 3), (2, 3)),
    row("multiply", (1, 3), (2, 1)),
    row("multiply", (2,), ()),
    row("multiply", (0, 3), (3,)),
    row("relu", (2, 3)),
    row("relu", ()),
    row("relu", (0, 3)),
    row("reshape", (2, 3), shape=(3, 1, 2)),
    row("reshape", (1,), shape=()),
    row("reshape", (0, 3), shape=(5, 0)),
    row("sigmoid", (2, 3)),
    row("softmax", (2, 3)),
    row("softmax", (3, 2), dim=0),
    row("softmax", (2, 3, 2), dim=1),
    row("softmax", (2, 1)),
    row("softmax", (2, 0)),
    row("softplus", (2, 3)),
    row("softplus", (2, 3), beta=2.0, threshold=0.5),
    row("softplus", (2, 3), beta=-0.5),
    row("sum", (2, 3)),
    row("sum", (2, 3, 2), dim=(0, -1)),
    row("sum", (2, 3), dim=(1,), keepdim=True),
    row("sum", (0, 3), dim=(0,)),
    row("sum", ()),
    row("tanh", (2, 3)),
)
