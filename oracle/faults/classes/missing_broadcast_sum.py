"""A missing sum over axes that were broadcast: the first slice is taken for all of them."""

from __future__ import annotations

import numpy as np

from oracle.faults.rule import Rewritten
from oracle.faults.source import Body, reached
from reference.op import Array, Shape, op_class
from reference.shapes import unbroadcast


def _first_slice(y_bar: Array, shape: Shape) -> Array:
    new = y_bar.ndim - len(shape)
    first = [
        slice(0, 1) if axis < new or (shape[axis - new] == 1 and n > 1) else slice(None)
        for axis, n in enumerate(y_bar.shape)
    ]
    return np.reshape(y_bar[tuple(first)], shape)


class MissingBroadcastSum(Rewritten):
    """`reference.shapes.unbroadcast` does not sum."""

    def body(self, op: str) -> Body | None:
        """See `Rewritten`."""
        if unbroadcast not in reached(op_class(op), "vjp"):
            return None
        return Body(unbroadcast, _first_slice.__code__)
