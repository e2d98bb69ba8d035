"""Profiles: what a campaign draws, as a file.

`oracle/generate/profiles/<name>.json` holds sizes, shares in per cent, and the gate's expectations.
A profile is part of a campaign's identity, through the hash of its canonical text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reference.op import family, op_names

FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Profile:
    """Sizes and shares of a campaign.

    Parameters
    ----------
    name : str
        Name of the file.
    depth, mean_depth : int
        Largest and mean number of nodes; those that move wires into the domain of the last ops, at most
        two for each, may come on top.
    width, batch : tuple of (int, int)
        Smallest and largest sizes of those axes.
    elements, elements_large, weights : int
        Largest number of entries of a wire, of a wire in a large case, and of a weight.
    large, loss, inner_output : int
        Shares of cases (%): large ones, with a loss at the end, with an inner wire as an output too.
    short, nonfinite : int
        Shares of cases (%): all of whose values are exact in every dtype, and one of whose leaves or
        cotangents holds NaN or infinities.
    op_weight : dict of str to int
        Weight of an op in the draw, by name or by family; 1 where neither is given.
    values, cotangents, layouts : dict of str to int
        Weights of the kinds of values and of memory layouts.
    shares : dict of str to float
        Recorded shares of cases that are `undecided`, `kink` or `vacuous`: the gate fails on more.
    floor : float
        Least number of decisive tensors of an op, per case that features it.
    """

    name: str
    depth: int
    mean_depth: int
    width: tuple[int, int]
    batch: tuple[int, int]
    elements: int
    elements_large: int
    weights: int
    large: int
    loss: int
    inner_output: int
    short: int
    nonfinite: int
    op_weight: dict[str, int]
    values: dict[str, int]
    cotangents: dict[str, int]
    layouts: dict[str, int]
    shares: dict[str, float]
    floor: float

    @property
    def ops(self) -> dict[str, int]:
        """Weight of every op in the draw."""
        return _weights(self.name, tuple(self.op_weight.items()))

    @property
    def identity(self) -> str:
        """SHA-256 of the profile's canonical text, in hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@cache
def _weights(name: str, given: tuple[tuple[str, int], ...]) -> dict[str, int]:
    weight = dict(given)
    return {op: weight.get(op, weight.get(family(op), 1)) for op in op_names()}


def profile_names() -> tuple[str, ...]:
    """Names of the profiles there are, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load_profile(name: str) -> Profile:
    """Read a profile.

    Raises
    ------
    LookupError
        If there is no such profile.
    """
    if name not in profile_names():
        raise LookupError(f"no profile {name!r}; there are {', '.join(profile_names())}")
    record: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    for axis in ("width", "batch"):
        record[axis] = tuple(record[axis])
    return Profile(name=name, **record)
