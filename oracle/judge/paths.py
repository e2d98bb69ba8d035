"""What of a network has to do with what: a fault, or rounding, spreads along paths alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from oracle.case import Case
from oracle.judge.compare import Key
from oracle.judge.tolerance import FLOOR
from oracle.numbers.noise import UNIT
from reference.architecture import Architecture


def parts(network: Architecture) -> dict[str, frozenset[str]]:
    """For each leaf and each node all those that paths connect it with, whichever way they lead."""
    found = {name: frozenset({name}) for name in network.leaves}
    for name in network.order:
        joined = frozenset({name}).union(*(found[source] for source in _sources(network, name)))
        found |= dict.fromkeys(joined, joined)
    return found


def upstream(network: Architecture, wires: Iterable[str]) -> set[str]:
    """The leaves and nodes that a path leads from to one of these wires."""
    found = {origin(network, wire) for wire in wires}
    for name in reversed(network.order):
        if name in found:
            found |= _sources(network, name)
    return found


def floors(case: Case, largest: Mapping[Key, float]) -> dict[Key, float]:
    """What rounding leaves of a tensor that is 0: 4u times the largest entry of what it is connected with.

    Parameters
    ----------
    case : Case
        The case.
    largest : mapping of (str, str) to float
        The largest entry of every tensor; what is not finite does not count.
    """
    network, connected = case.architecture, parts(case.architecture)
    group = {key: (key[0], connected[origin(network, key[1])]) for key in largest}
    most: dict[tuple[str, frozenset[str]], float] = {}
    for key, value in largest.items():
        most[group[key]] = max(most.get(group[key], 0.0), value if np.isfinite(value) else 0.0)
    return {key: FLOOR * UNIT[case.dtype] * most[group[key]] for key in largest}


def origin(network: Architecture, wire: str) -> str:
    """The leaf that a wire is, or the node that it leaves."""
    return wire if wire in network.leaves else wire.partition(":")[0]


def _sources(network: Architecture, name: str) -> set[str]:
    return {origin(network, wire) for wire in network.nodes[name].inputs if wire is not None}
