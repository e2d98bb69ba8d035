"""Noise between the passes: what the backward pass needs, computed once more.

The reference keeps what the forward pass computed, so that both passes meet the same rounded numbers.
Where the gradient all but vanishes for every value of those (the scale of something that is normalised
next), their errors cancel.  An implementation that computes them again in the backward pass, or in another
way, has no such luck, and is not wrong: so the residuals of each node are those of another replicate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.numbers.noisy_array import NoisyArray
from reference.backprop import ForwardPass


def recomputed(forward: ForwardPass) -> ForwardPass:
    """The forward pass with each node's residuals rounded apart from all values.

    The independent rows change places, another number of places at every node.  Hashed rows stay: equal
    computations round equally in them.

    Parameters
    ----------
    forward : ForwardPass
        Of noisy arrays.

    Returns
    -------
    ForwardPass
        Values are as they were.
    """
    residuals = {name: _shifted(kept, place) for place, (name, kept) in enumerate(forward.residuals.items())}
    return ForwardPass(forward.values, residuals)


def _shifted(kept: Any, places: int) -> Any:
    if isinstance(kept, tuple):
        return tuple(_shifted(part, places) for part in kept)
    if not isinstance(kept, NoisyArray) or len(kept.data) == 1 or kept.exact:
        return kept
    count = kept.noise.independent
    rows = np.arange(len(kept.data))
    rows[1 : 1 + count] = 1 + (rows[:count] + places) % count
    return NoisyArray(kept.data[rows], kept.noise, kept.exact, kept.terms)
