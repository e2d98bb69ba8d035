"""What a row of the tables in `examples/` is: an op, its attributes and the shapes of its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reference.op import Op, Shape, op_class

Domain = Literal["any", "positive", "unit"]  # everything, > 0, strictly between 0 and 1


@dataclass(frozen=True)
class Example:
    op: Op
    shapes: tuple[Shape | None, ...]
    domain: Domain = "any"

    def inputs(self, dtype: Any, seed: int = 0) -> list[Any]:
        """Drawn inputs; None where left out."""
        rng, names = np.random.default_rng(seed), self.op.signature()
        kinds = [self.op.kinds.get(names.name(position)) for position in range(len(self.shapes))]
        return [
            None if shape is None else self._draw(rng, kind, shape, dtype)
            for kind, shape in zip(kinds, self.shapes, strict=True)
        ]

    def _draw(self, rng: np.random.Generator, kind: str | None, shape: Shape, dtype: Any) -> Any:
        """One of 0 … 2 for an index, a truth value for a mask, else normal or moved into the domain."""
        if kind == "index":
            return rng.integers(0, 3, shape)
        if kind == "mask":
            return rng.integers(0, 2, shape).astype(bool)
        normal = np.asarray(rng.standard_normal(shape), dtype)
        if self.domain == "any":
            return normal
        return np.asarray(np.exp(normal) if self.domain == "positive" else 1 / (1 + np.exp(-normal)))

    def cotangents(self, dtype: Any, seed: int = 1) -> list[Any]:
        """Drawn cotangents, 0 for a constant output: never ones, under which softmax has no gradient."""
        rng = np.random.default_rng(seed)
        return [
            np.asarray(rng.standard_normal(shape) * (place not in self.op.constant_outputs), dtype)
            for place, shape in enumerate(self.op.infer(*self.shapes))
        ]

    def __str__(self) -> str:
        return f"{self.op!r}{self.shapes}".replace(" ", "")


def row(name: str, *shapes: Shape | None, domain: Domain = "any", **attributes: Any) -> Example:
    """A row of a table; `domain` says where all floating inputs lie."""
    return Example(op_class(name)(**attributes), shapes, domain)


INF, NAN, TINY = np.inf, np.nan, np.finfo(np.float64).smallest_subnormal
