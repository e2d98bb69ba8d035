"""Memory layouts: the same values at other addresses.

A kernel may be right on a contiguous array and wrong on a transposed or strided one, so both sides
get every array in the same layout.

contiguous   row-major
transposed   axes in reverse order in memory (column-major for a matrix)
strided      every second entry of a buffer, along the last axis
offset       row-major, starting one entry into a buffer: not aligned for SIMD
expanded     the first axis has stride 0: one slice of memory seen many times

Negative strides are left out: torch has none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

LAYOUTS = ("contiguous", "transposed", "strided", "offset", "expanded")


def arrange(values: NDArray[Any], layout: str) -> NDArray[Any]:
    """The same values in another memory layout.

    Parameters
    ----------
    values : numpy.ndarray
        Values; for ``"expanded"`` all slices along axis 0 must be equal.
    layout : str
        One of `LAYOUTS`.

    Returns
    -------
    numpy.ndarray
        Equal to `values`, writeable, in the layout asked for; where the shape leaves no such layout
        (a scalar cannot be transposed) it is contiguous.

    Raises
    ------
    ValueError
        If the layout is unknown, or cannot hold the values.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout: unknown layout {layout!r}; one of {', '.join(LAYOUTS)}")
    if layout == "contiguous" or values.ndim == 0 or values.size == 0:
        return np.array(values, order="C")
    if layout == "transposed":
        return np.array(values.T, order="C").T
    if layout == "offset":
        buffer = np.empty(values.size + 1, values.dtype)
        arranged = buffer[1:].reshape(values.shape)
    elif layout == "strided":
        arranged = np.zeros((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)[..., ::2]
    else:
        first = np.array(values[:1], order="C")
        arranged = as_strided(first, values.shape, (0, *first.strides[1:]))
        if arranged.tobytes() != values.tobytes():  # bits, so that 0 and −0 differ
            raise ValueError("layout: expanded needs equal slices along the first axis")
        return arranged
    arranged[...] = values
    return arranged
