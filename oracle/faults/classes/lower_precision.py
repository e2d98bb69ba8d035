"""Accumulation in a lower precision: float64 gradients have 24 bits, float32 ones 11."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption
from reference.op import Array

BITS = {"float64": 24, "float32": 11}


class LowerPrecision(Corruption):
    """Significands rounded to those of the next smaller format; only floating numbers have any."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        if not isinstance(x_bar, np.ndarray) or x_bar.dtype != call.site.dtype:
            return x_bar
        significand, exponent = np.frexp(x_bar)
        unit = 2.0 ** BITS[call.site.dtype]
        return np.asarray(np.ldexp(np.rint(significand * unit) / unit, exponent), x_bar.dtype)
