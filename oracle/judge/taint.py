"""Where a network leaves the finite numbers, and what that spoils.

At a pole or by overflow, a node makes NaN or infinities of finite numbers.  What becomes of them further
on depends on the order of operations: ∞ − ∞ is NaN, and with the subtraction done first there is no ∞.
So two right implementations may differ in whatever is computed from such a wire, in its value or in its
cotangent, and in nothing else.  A network whose leaves are not finite is another matter: there the
propagation itself is what is compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from oracle.case import Case
from oracle.judge.compare import Key
from reference.backprop import backward_pass, forward_pass


def tainted(case: Case) -> dict[Key, str]:
    """Values and cotangents that depend on where the reference leaves the finite numbers.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of (str, str) to str
        For every wire with a tainted value (role "output") or cotangent (role "gradient"), the node that
        made NaN or infinities of finite numbers.
    """
    network = case.architecture
    forward = forward_pass(network, case.leaves)
    v_bar = backward_pass(network, forward, case.cotangents)
    spoiled: dict[Key, str] = {}
    for name in network.order:
        inputs = [wire for wire in network.nodes[name].inputs if wire is not None]
        origin = next((spoiled["output", wire] for wire in inputs if ("output", wire) in spoiled), "")
        values = [forward.values[wire] for wire in network.wires[name]]
        if not origin and _finite(forward.values[wire] for wire in inputs) and not _finite(values):
            origin = name
        if origin:
            spoiled.update((("output", wire), origin) for wire in network.wires[name])
    for name in reversed(network.order):
        node, wires = network.nodes[name], network.wires[name]
        if v_bar.keys().isdisjoint(wires):
            continue
        keys = [(role, wire) for wire in wires for role in ("output", "gradient")]
        origin = next((spoiled[key] for key in keys if key in spoiled), "")
        y_bar = [v_bar[wire] for wire in wires]
        with np.errstate(all="ignore"):
            x_bar = node.op.vjp(forward.residuals[name], *y_bar)  # of this node alone: v_bar holds sums
        if not origin and _finite(y_bar) and not _finite(share for share in x_bar if share is not None):
            origin = name
        if origin:
            spoiled.update((("gradient", wire), origin) for wire in node.inputs if wire in v_bar)
    return spoiled


def _finite(arrays: Iterable[Any]) -> bool:
    return all(bool(np.isfinite(array).all()) for array in arrays)
