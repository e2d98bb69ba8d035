"""A forgotten mask: the rule is applied as if everything were let through."""

from __future__ import annotations

import numpy as np

from oracle.faults.rule import Recalled
from reference.op import Array, Op, op_class


class ForgottenMask(Recalled):
    """All masks are true in the backward pass."""

    def concerns(self, op: str) -> bool:
        """Ops that take a mask."""
        return "mask" in op_class(op).kinds.values()

    def recall(self, op: Op, inputs: tuple[Array | None, ...]) -> tuple[Op, tuple[Array | None, ...]]:
        """See `Recalled`."""
        names = (op.signature().name(place) for place in range(len(inputs)))
        return op, tuple(
            np.ones_like(x) if x is not None and op.kinds.get(name) == "mask" else x
            for name, x in zip(names, inputs, strict=True)
        )
