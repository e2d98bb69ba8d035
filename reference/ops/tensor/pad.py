"""Padding: entries put before and after along the last axes, or cropped there where a pad is negative.

Each axis is treated by itself.  Place i = −before … n + after − 1 holds, of the entries 0 … n − 1 of x,

    constant    x_i, and `value` where there is none
    reflect     x at n − 1 − |n − 1 − |i||: mirrored at the first and the last entry, which are not repeated
    replicate   x at max(i, 0) − max(i − (n − 1), 0): the nearer end
    circular    x at i modulo n, where cropping comes first and leaves fewer than n

Derivation.  `constant` crops and appends: `value` has no influence on anything, so what was appended is
cropped from ȳ, and zeros are appended where x was cropped.  Padding by p is undone by padding by −p.  The
other modes copy, y = Tx with a 0/1 matrix T of one 1 a row, so x̄ = Tᵀȳ: the cotangents of all copies of an
entry are added (see `reference/scatter.py`).

Differentiable everywhere.

Torch documents negative pads for `constant` and `circular` alone, so the two others refuse them, and no
other mode than `constant` pads an axis by more than it has, more than three axes, or all of them.

Source: torch.nn.functional.pad, and torch.nn.CircularPad1d for cropping; chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reference.op import Array, Op, Shape
from reference.scatter import scatter_add
from reference.shapes import along, pad_zeros


@dataclass(frozen=True)
class Pad(Op):
    """x with pad[0] entries before its last axis and pad[1] after it, pad[2] before the one in front, …"""

    pad: tuple[int, ...] = ()
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"
    value: float | None = None

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int]]:
        """For each padded axis: its place from the front, its length, and the pads before and after."""
        pads = zip(reversed(range(len(x))), self.pad[::2], self.pad[1::2], strict=False)
        return [(axis, x[axis], before, after) for axis, before, after in pads]

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        axes = len(self.pad) // 2
        if self.mode == "constant":
            known = axes <= len(x)
        else:
            known = 1 <= axes <= 3 and len(x) - axes in (1, 2) and self.value is None
        if len(self.pad) % 2 or not known:
            raise self.refuse(
                "x", x, f"cannot be padded by pad={self.pad}, mode={self.mode}, value={self.value}"
            )
        y = x
        for axis, n, before, after in self._axes(x):
            if not self._fits(n, before, after):
                raise self.refuse("x", x, f"is too short for pad={self.pad}, mode={self.mode}")
            y = (*y[:axis], n + before + after, *y[axis + 1 :])
        return (y,)

    def _fits(self, n: int, before: int, after: int) -> bool:
        kept, most = n + min(before, 0) + min(after, 0), max(before, after)
        if self.mode == "constant":
            return kept >= 0
        if self.mode == "circular":
            return most <= n and kept >= (most > 0)
        return min(before, after) >= 0 and n >= 1 and (most < n or self.mode == "replicate")

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        y = x
        for axis, n, before, after in self._axes(x.shape):
            if self.mode != "constant":
                y = np.take(y, self._sources(n, before, after), axis=axis)
                continue
            y = _resized(y, axis, before, after)
            if self.value is not None:
                places = np.reshape(np.arange(-before, n + after), (-1,) + (1,) * (x.ndim - axis - 1))
                y = np.where((places >= 0) & (places < n), y, self.value)
        return (y,), x.shape

    def _sources(self, n: int, before: int, after: int) -> Array:
        """Which of the entries 0 … n − 1 stands at each place."""
        places = np.arange(-before, n + after)
        if self.mode == "reflect":
            return n - 1 - np.abs(n - 1 - np.abs(places))
        if self.mode == "replicate":
            return np.maximum(places, 0) - np.maximum(places - (n - 1), 0)
        first, stop = max(-before, 0), n - max(-after, 0)
        return first + (places - first) % (stop - first)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        x_bar = y_bar
        for axis, n, before, after in self._axes(residuals):
            if self.mode == "constant":
                x_bar = _resized(x_bar, axis, -before, -after)
            else:
                x_bar = scatter_add(x_bar, self._sources(n, before, after), n, axis)
        return (x_bar,)


def _resized(x: Array, axis: int, before: int, after: int) -> Array:
    """Zeros put before and after along an axis, or entries cropped there where a number is negative."""
    kept = x[along(axis, slice(max(-before, 0), x.shape[axis] + after))]  # beyond the end is the end
    return pad_zeros(kept, ((0, 0),) * axis + ((max(before, 0), max(after, 0)),))
