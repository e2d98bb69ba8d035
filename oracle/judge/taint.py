"""Where a network leaves the finite numbers, and what that spoils.

At a pole or by overflow, a node makes NaN or infinities of finite numbers.  What becomes of them further
on depends on the order of operations: ∞ − ∞ is NaN, and with the subtraction done first there is no ∞.
So two right implementations may differ in whatever is computed from such a wire, in its value or in its
cotangent, and in nothing else.

It is no excuse that the reference alone does so: a forgotten `np.where` makes NaN of 0 · ∞.  On the same
finite numbers the candidate has to give, at that node by itself, the same NaN and infinities in the same
places; or an intermediate result of the node overflows, and there are none with a larger range.  What is
not finite in a leaf or in a cotangent is another matter: there the propagation is what is compared.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.judge.compare import Key, keyed, non_finite_pattern, structure
from oracle.judge.locate import leaf_name, node_cases
from oracle.judge.sides import Array, Clock, run_both
from reference.backprop import gradients


def tainted(case: Case, candidate: Candidate) -> dict[Key, str]:
    """Values and cotangents that depend on where both sides leave the finite numbers.

    Parameters
    ----------
    case : Case
        The case.
    candidate : Candidate
        The side that is put beside the reference.

    Returns
    -------
    dict of (str, str) to str
        For every wire with a tainted value (role "output") or cotangent (role "gradient"), which node
        left the finite numbers.
    """
    network = case.architecture
    departures = {name: _departures(alone, candidate) for name, alone in node_cases(case)}
    spoiled: dict[Key, str] = {}
    for name in network.order:
        origin = _first(
            spoiled, (("output", wire) for wire in network.nodes[name].inputs if wire is not None)
        )
        for wire in network.wires[name]:
            if origin or ("output", wire) in departures[name]:
                spoiled["output", wire] = origin or name
    for name in reversed(network.order):
        wires = network.wires[name]
        origin = _first(spoiled, ((role, wire) for wire in wires for role in ("output", "gradient")))
        for wire in network.connected.intersection(network.nodes[name].inputs):
            if origin or ("gradient", leaf_name(wire)) in departures[name]:
                spoiled["gradient", wire] = origin or name
    return {key: f"{name} leaves the finite numbers" for key, name in spoiled.items()}


def _first(spoiled: dict[Key, str], keys: Iterable[Key]) -> str:
    return next((spoiled[key] for key in keys if key in spoiled), "")


def _departures(alone: Case, candidate: Candidate) -> set[Key]:
    """Tensors of a node by itself in which its finite numbers become NaN or infinities."""
    if not _finite(alone.leaves.values()):
        return set()
    tensors, messages, _ = run_both(alone, candidate, Clock())
    reference, other = tensors["reference"], tensors["candidate"]
    if messages:
        return set()
    if structure(reference, other):
        return set()
    roles = {"output", "gradient"} if _finite(alone.cotangents.values()) else {"output"}
    found = {key for key, array in reference.items() if key[0] in roles and not _finite((array,))}
    differ = {key for key in found if non_finite_pattern(reference[key], other[key])}
    if differ:
        wide = _with_more_range(alone)
        differ = {key for key in differ if not _finite((wide[key],))}
    return found - differ


def _with_more_range(alone: Case) -> dict[Key, Array]:
    """The reference in extended precision, or where scipy.special has none of that in float64."""
    try:
        wide = alone.astype("longdouble")
        return keyed(*gradients(wide.architecture, wide.leaves, wide.cotangents))
    except TypeError:
        wide = alone.astype("float64")
        return keyed(*gradients(wide.architecture, wide.leaves, wide.cotangents))


def _finite(arrays: Iterable[Array]) -> bool:
    return all(bool(np.isfinite(array).all()) for array in arrays)
