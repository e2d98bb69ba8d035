"""The unbiased variance for the biased one: n − 1 for n, in the forward pass."""

from __future__ import annotations

import numpy as np

from oracle.faults.fault import FORWARD
from oracle.faults.rule import Rewritten
from oracle.faults.source import Body, reached
from reference.op import Array, op_class
from reference.ops.normalization._standardize import Axes, mean, scale


def _unbiased(c: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    n = c.size // max(mean(c, axes).size, 1)
    r = 1 / np.sqrt(mean(c * c, axes) * n / max(n - 1, 1) + eps)
    return c * r, r


class UnbiasedVariance(Rewritten):
    """Of the reference, the forward pass no longer fits its rule; a candidate computes another function."""

    verdicts = FORWARD

    def body(self, op: str) -> Body | None:
        """See `Rewritten`."""
        if scale not in reached(op_class(op), "forward"):
            return None
        return Body(scale, _unbiased.__code__, ("forward",))
