"""A wrong tie or kink rule: another value where the documentation states one."""

from __future__ import annotations

import numpy as np

from oracle.faults.rule import Recalled
from reference.op import Array, Op

JUMPS = frozenset(
    {
        *("abs", "amax", "amin", "clamp", "elu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "l1"),
        *("leaky_relu", "max", "max_pool2d", "maximum", "min", "minimum", "prelu", "relu", "relu6", "selu"),
        *("softplus", "softshrink", "threshold"),
    }
)
POLES = frozenset({"bce", "divide", "kl_div", "log", "power", "sqrt"})  # there is no gradient on either side


class WrongTie(Recalled):
    """Every second entry of the first input counts as the next larger number.

    So ties are broken, and breakpoints are passed; elsewhere a gradient moves by no more than its
    rounding.  Only floating numbers have a next one: in the others the rule stays right.
    """

    def concerns(self, op: str) -> bool:
        """Ops whose gradient jumps."""
        return op in JUMPS

    def recall(self, op: Op, inputs: tuple[Array | None, ...]) -> tuple[Op, tuple[Array | None, ...]]:
        """See `Recalled`."""
        floats = (k for k, x in enumerate(inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f")
        place = next(floats, None)
        if place is None:
            return op, inputs
        x = np.array(inputs[place], order="C")
        entries = x.reshape(-1)
        entries[::2] = np.nextafter(entries[::2], entries.dtype.type(np.inf))
        return op, (*inputs[:place], x, *inputs[place + 1 :])
