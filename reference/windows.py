"""Windows that slide along one axis: where they lie, what they read, and the adjoint of reading.

Window i of k taps reads the entries

    s i + d u − a,   u = 0 … k − 1        (stride s, dilation d, a entries of padding in front),

so tap u of *all* windows is one strided slice of the padded array: a window needs no index array and no
copy.  Reading is y_u = S_u P x with the padding P and the slice S_u, matrices of zeros and ones, and its
adjoint

    x̄ = Pᵀ Σ_u S_uᵀ ȳ_u

is read off: S_uᵀ puts ȳ_u back to where it came from, with zeros between (`dilate`) and around
(`pad_zeros`); an entry that several windows read gets the sum; Pᵀ drops what fell on the padding.

Sizes.  The span of a window is d (k − 1) + 1, and as many windows as lie within the padded axis are read:
⌊(n + a + b − span) / s⌋ + 1.  `ceil_mode` rounds up instead, so that a last window may reach over the end,
unless it would start behind the input, in the padding.

Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285;
torch.nn.MaxPool2d for `ceil_mode`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.op import Array
from reference.shapes import along, pad_zeros

PerAxis = int | tuple[int, ...]  # an attribute of several axes: one number for all, or one for each


def per_axis(value: int | tuple[Any, ...], axes: int) -> tuple[Any, ...]:
    """The attribute for each of so many axes (where it is a tuple, of its own length)."""
    return (value,) * axes if isinstance(value, int) else value


@dataclass(frozen=True)
class Window:
    """Windows along one axis.

    Parameters
    ----------
    kernel, stride, dilation : int
        Taps of a window, distance of windows, distance of taps.
    before, after : int
        Padding in front of the axis and behind it.
    ceil_mode : bool
        Whether a last window may reach over the end.
    """

    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    ceil_mode: bool = False

    @property
    def valid(self) -> bool:
        """Whether the numbers make sense."""
        return min(self.kernel, self.stride, self.dilation) > 0 <= min(self.before, self.after)

    @property
    def span(self) -> int:
        """Entries from the first tap to the last one, both included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def starts(self) -> range:
        """For each tap, the entry of the padded axis that it reads in the first window."""
        return range(0, self.span, self.dilation)

    def count(self, n: int) -> int:
        """Number of windows on an axis of `n` entries; not positive where not even one fits."""
        room = n + self.before + self.after - self.span
        if not self.ceil_mode:
            return room // self.stride + 1
        count = -(-room // self.stride) + 1
        return count - 1 if (count - 1) * self.stride >= n + self.before else count

    def pads(self, n: int) -> tuple[int, int]:
        """Entries to put in front of an axis of `n` and behind it, so that every window lies within."""
        reach = (self.count(n) - 1) * self.stride + self.span
        return self.before, max(reach - n - self.before, 0)

    def taps(self, n: int) -> tuple[slice, ...]:
        """For each tap, the slice of the padded axis that it reads in all windows."""
        reach = (self.count(n) - 1) * self.stride + 1
        return tuple(slice(start, start + reach, self.stride) for start in self.starts)

    def inside(self, n: int) -> Array:
        """For each tap and window, whether it reads an entry of an axis of `n`, and not padding."""
        places = self._places(n) + np.reshape(np.arange(self.kernel), (-1, 1)) * self.dilation
        return (places >= 0) & (places < n)

    def covered(self, n: int, padding: bool) -> Array:
        """For each window, without dilation, how many entries it covers: with padding, or of x alone."""
        first = self._places(n)
        last = -np.maximum(-first - self.kernel, -n - self.after)
        return last - first if padding else -np.maximum(-last, -n) - np.maximum(first, 0)

    def _places(self, n: int) -> Array:
        """Where each window starts; before 0 lies padding."""
        return np.arange(self.count(n)) * self.stride - self.before


def read(x: Array, axis: int, window: Window) -> tuple[Array, ...]:
    """Taps of all windows along `axis`, outside of x zeros: for each tap one entry a window."""
    n = x.shape[axis]
    padded = pad_zeros(x, (*((0, 0),) * axis, window.pads(n)))
    return tuple(padded[along(axis, tap)] for tap in window.taps(n))


def put_back(taps: tuple[Array, ...], axis: int, window: Window, n: int) -> Array:
    """Adjoint of `read`: from the cotangents of all taps, that of the axis of `n` entries."""
    before, after = window.pads(n)
    length = -(-(before + n + after) // window.stride)
    phases = [_phase(taps, axis, window, length, remainder) for remainder in range(window.stride)]
    rows, columns = taps[0].shape[:axis], taps[0].shape[axis + 1 :]
    columns_of_one = [np.reshape(phase, (*rows, length, 1, *columns)) for phase in phases]
    joined = np.concatenate(columns_of_one, axis=axis + 1) if window.stride > 1 else columns_of_one[0]
    padded = np.reshape(joined, (*rows, length * window.stride, *columns))
    return padded[along(axis, slice(before, before + n))]


def _phase(taps: tuple[Array, ...], axis: int, window: Window, length: int, remainder: int) -> Array:
    """Entries of the padded axis that lie at `remainder`, `remainder` + s, …: the same taps read them all."""
    total = None
    for share, start in zip(taps, window.starts, strict=True):
        if start % window.stride == remainder:
            behind = length - start // window.stride - share.shape[axis]
            part = pad_zeros(share, (*((0, 0),) * axis, (start // window.stride, behind)))
            total = part if total is None else total + part
    shape = taps[0].shape
    return (
        np.zeros_like(taps[0], shape=(*shape[:axis], length, *shape[axis + 1 :])) if total is None else total
    )
