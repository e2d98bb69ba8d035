"""A misplaced ε: outside the root, 1/(√v + ε) for 1/√(v + ε), in the forward pass."""

from __future__ import annotations

import numpy as np

from oracle.faults.fault import FORWARD
from oracle.faults.rule import Rewritten
from oracle.faults.source import Body, reached
from reference.op import Array, op_class
from reference.ops.normalization._standardize import Axes, mean, scale


def _outside(c: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    r = 1 / (np.sqrt(mean(c * c, axes)) + eps)
    return c * r, r


class EpsilonMisplaced(Rewritten):
    """Of the reference, the forward pass no longer fits its rule; a candidate computes another function."""

    verdicts = FORWARD

    def body(self, op: str) -> Body | None:
        """See `Rewritten`."""
        if scale not in reached(op_class(op), "forward"):
            return None
        return Body(scale, _outside.__code__, ("forward",))
