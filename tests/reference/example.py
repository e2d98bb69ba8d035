"""What a row of the tables in `examples/` is: an op, its attributes and the shapes of its inputs."""

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


INF, NAN, TINY = np.inf, np.nan, np.finfo(np.float64).smallest_subnormal
