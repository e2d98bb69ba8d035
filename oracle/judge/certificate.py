"""The proof that goes with a failing tensor, as JSON values that a stranger can check."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.judge.compare import Key
from oracle.judge.truth import Truth


def certificate(
    key: Key, truth: Truth, witness: str, reference: NDArray[Any], candidate: NDArray[Any]
) -> dict[str, Any]:
    """What proves that a side is wrong: its worst entry beside the certified digits.

    Parameters
    ----------
    key : (str, str)
        Role and name of the tensor.
    truth : Truth
        The truth of the case.
    witness : str
        What the jets, which know the forward pass alone, say of the reference's rules.
    reference, candidate : numpy.ndarray
        What either side says.

    Returns
    -------
    dict
        `role`, `name`, `entry` (index of the entry in which the sides together are farthest off),
        `truth` (decimal digits with the radius of the enclosure), `reference`, `candidate` (decimal) with
        `reference_hex`, `candidate_hex`, `precision` (bits of the enclosure) and `witness`.
    """
    enclosures = truth.enclosures
    off = [np.abs(truth.error(key, side, enclosures)[0]) for side in (reference, candidate)]
    entry = np.unravel_index(int(np.argmax(np.maximum(*off))), np.shape(reference)) if np.size(off[0]) else ()
    index = tuple(int(axis) for axis in entry)
    ours, theirs = float(np.asarray(reference)[index]), float(np.asarray(candidate)[index])
    return {
        "role": key[0],
        "name": key[1],
        "entry": list(index),
        "truth": enclosures.tensors[key].shown(index),
        "reference": repr(ours),
        "candidate": repr(theirs),
        "reference_hex": ours.hex(),
        "candidate_hex": theirs.hex(),
        "precision": enclosures.precision,
        "witness": witness,
    }
