"""Faults in the numbers that a rule gives, whatever the rule is.

A class says how a cotangent comes out wrong, in the vocabulary of the ops, and that one body is planted
in both sides: behind the op's `vjp`, where it also meets balls and noisy floats, and behind torch's own
gradient of the op's counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import numpy as np

from oracle.faults.fault import Fault, Site, Twins, exchanged
from reference.op import Array, op_class


@dataclass(frozen=True)
class Call:
    """One call of an op's rule.

    Parameters
    ----------
    site : Site
        Where the fault is planted.
    inputs : tuple of array
        Inputs of the op; None where one was left out.
    cotangents : tuple of array
        Cotangents of its outputs, those that are known.
    first : int
        The first input that has a gradient.
    """

    site: Site
    inputs: tuple[Array | None, ...]
    cotangents: tuple[Array, ...]
    first: int


Corrupt = Callable[[Call, int, Array], Array]


class Corruption(Fault):
    """A fault that changes the cotangents which a rule gives."""

    def corrupt(self, call: Call, place: int, x_bar: Array) -> Array:
        """The cotangent of the input at `place`, wrong; as it is where the fault does not show."""
        raise NotImplementedError

    @contextmanager
    def reference(self, site: Site) -> Iterator[None]:
        """See `Fault`."""
        cls = op_class(site.op)
        forward, vjp = cls.forward, cls.vjp

        @wraps(forward)
        def saving(op: Any, *inputs: Any) -> Any:
            outputs, residuals = forward(op, *inputs)
            return outputs, (inputs, residuals)

        def wrong(op: Any, saved: Any, *cotangents: Any) -> Any:
            inputs, residuals = saved
            right = vjp(op, residuals, *cotangents)
            first = next(place for place, x_bar in enumerate(right) if x_bar is not None)
            call = Call(site, inputs, cotangents, first)
            return tuple(
                None if x_bar is None else self.corrupt(call, place, x_bar)
                for place, x_bar in enumerate(right)
            )

        with exchanged(cls, forward=saving, vjp=wrong):
            yield

    def candidate(self, site: Site) -> Twins:
        """See `Fault`."""
        return Twins(_tapped(site, self.corrupt), _tapped(site, lambda call, place, x_bar: x_bar))


def _tapped(site: Site, corrupt: Corrupt) -> Any:
    """Torch whose gradients of the op pass through `corrupt`."""
    from oracle.faults.tap import plain, repaired, sound, tap

    right = sound(site.op)

    def function(*inputs: Any, **attributes: Any) -> Any:
        cotangents: dict[int, Array] = {}

        def heard(place: int, y_bar: Array) -> Array:
            cotangents[place] = y_bar
            return y_bar

        moved = [place for place, x in enumerate(inputs) if getattr(x, "requires_grad", False)]
        arrays = tuple(None if x is None else plain(x) for x in inputs)

        def spoiled(place: int, x_bar: Array) -> Array:
            call = Call(site, arrays, tuple(cotangents[k] for k in sorted(cotangents)), moved[0])
            return np.asarray(corrupt(call, place, x_bar))

        seen = [tap(x, partial(spoiled, place)) if place in moved else x for place, x in enumerate(inputs)]
        result = right(*seen, **attributes)
        outputs = result if isinstance(result, tuple | list) else (result,)
        return tuple(tap(y, partial(heard, place)) for place, y in enumerate(outputs))

    return repaired({site.op: function})


def shown(shape: tuple[int, ...], *entries: int) -> Any:
    """A mask of this shape that holds at some entries, counted in row-major order."""
    mask = np.zeros(shape, np.bool_)
    mask.reshape(-1)[list(entries)] = True
    return mask


def scattered(x: Array | None) -> bool:
    """Whether an array does not lie in memory entry by entry; only floating numbers lie anywhere."""
    return isinstance(x, np.ndarray) and not x.flags.c_contiguous
