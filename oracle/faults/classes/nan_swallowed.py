"""NaN swallowed: it becomes 0, and nobody hears of it."""

from __future__ import annotations

import numpy as np

from oracle.faults.corruption import Call, Corruption
from oracle.judge.verdict import Verdict
from reference.op import Array


class NanSwallowed(Corruption):
    """NaN ↦ 0; the places of NaN then differ, which is an error and nobody's certified fault."""

    verdicts = dict.fromkeys(("reference", "candidate"), Verdict.ERROR)
    profile = "nonfinite"

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """See `Corruption`."""
        return np.where(x_bar == x_bar, x_bar, 0)
