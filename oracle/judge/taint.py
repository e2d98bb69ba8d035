"""Where a network leaves the finite numbers, and what that spoils.

At a pole or by overflow, a node makes infinities of finite numbers.  What becomes of them further on
depends on the order of operations: ∞ − ∞ is NaN, and with the subtraction done first there is no ∞.  So
two right implementations may differ in whatever is computed from such a wire, in its value or in its
cotangent, and in nothing else.

Two things are no excuse.  NaN that a node makes of finite numbers, unless it is gone with a larger range
of exponents (an overflow inside of the node): 0 · ∞ is what a forgotten `np.where` looks like.  And
what is not finite in a leaf or in a cotangent: there the propagation itself is what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.case import Case
from oracle.judge.compare import Key
from reference.backprop import ForwardPass, backward_pass, forward_pass
from reference.op import Op

Arrays = Sequence[Any]


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
        left the finite numbers.
    """
    forward = forward_pass(case.architecture, case.leaves)
    v_bar = backward_pass(case.architecture, forward, case.cotangents)
    with np.errstate(all="ignore"):
        spoiled = _values(case, forward)
        return spoiled | _cotangents(case, forward, v_bar, spoiled)


def _values(case: Case, forward: ForwardPass) -> dict[Key, str]:
    spoiled: dict[Key, str] = {}
    for name in case.architecture.order:
        node, wires = case.architecture.nodes[name], case.architecture.wires[name]
        origin = _first(spoiled, [("output", wire) for wire in node.inputs if wire is not None])
        if not origin:
            inputs = [None if wire is None else forward.values[wire] for wire in node.inputs]
            values = [forward.values[wire] for wire in wires]
            again = _forward(node.op, inputs)
            origin = name if _finite(inputs) and _departs(values, again) else ""
        if origin:
            spoiled.update((("output", wire), origin) for wire in wires)
    return spoiled


def _cotangents(
    case: Case, forward: ForwardPass, v_bar: dict[str, Any], values: dict[Key, str]
) -> dict[Key, str]:
    spoiled: dict[Key, str] = {}
    for name in reversed(case.architecture.order):
        node, wires = case.architecture.nodes[name], case.architecture.wires[name]
        if v_bar.keys().isdisjoint(wires):
            continue
        origin = _first(values | spoiled, [(role, wire) for wire in wires for role in ("output", "gradient")])
        inputs = [None if wire is None else forward.values[wire] for wire in node.inputs]
        y_bar = [v_bar[wire] for wire in wires]
        x_bar = node.op.vjp(forward.residuals[name], *y_bar)  # of this node alone: v_bar holds sums
        for place, (wire, share) in enumerate(zip(node.inputs, x_bar, strict=False)):
            if wire not in v_bar or share is None:
                continue
            again = _share(node.op, inputs, y_bar, place)
            if origin or (_finite(inputs) and _finite(y_bar) and _departs([share], again)):
                spoiled["gradient", wire] = origin or name
    return spoiled


def _first(spoiled: dict[Key, str], keys: Sequence[Key]) -> str:
    return next((spoiled[key] for key in keys if key in spoiled), "")


def _departs(found: Arrays, again: Callable[[Any], Arrays]) -> bool:
    """Whether an array that is not finite is so by a pole or by overflow."""
    if _finite(found):
        return False
    if any(np.isinf(array).any() for array in found):
        return True
    try:
        more = again(np.longdouble)
    except TypeError:  # scipy.special ends at float64
        more = again(np.float64)
    return not any(np.isnan(array).any() for array in more)


def _forward(op: Op, inputs: Arrays) -> Callable[[Any], Arrays]:
    return lambda dtype: op.forward(*_as(inputs, dtype))[0]


def _share(op: Op, inputs: Arrays, y_bar: Arrays, place: int) -> Callable[[Any], Arrays]:
    def again(dtype: Any) -> Arrays:
        _, residuals = op.forward(*_as(inputs, dtype))
        return [op.vjp(residuals, *_as(y_bar, dtype))[place]]

    return again


def _as(arrays: Arrays, dtype: Any) -> Arrays:
    return [a if a is None or a.dtype.kind != "f" else a.astype(dtype) for a in arrays]


def _finite(arrays: Arrays) -> bool:
    return all(array is None or bool(np.isfinite(array).all()) for array in arrays)
