"""Cross-correlation, a linear map, and the two maps that are adjoint to it.

Written along one axis (several axes have an index pair i, u and a slice each), with x̃ the input x with a
zeros in front and b behind, stride s and dilation d:

    y_{o,i} = Σ_c Σ_u w_{o,c,u} x̃_{c, si + du}                                    (`correlate`)

y is linear in x for a fixed w, and linear in w for a fixed x, so each derivative is a transposed matrix,
and deriving it is a matter of collecting terms.

**The input.**  x̃_{c,p} is multiplied by w_{o,c,u} into y_{o,i} whenever si + du = p, so

    ∂l/∂x̃_{c,p} = Σ_u Σ_i [si + du = p] z_{c,u,i},      z_{c,u,i} = Σ_o w_{o,c,u} ȳ_{o,i}.

z is a product of matrices, and holds every term of the sum once: what output i owes to tap u of its
window.  The rest is the adjoint of reading taps (`put_back` of `reference/windows.py`): each z goes back to
the entry that was read, what meets there is added, and what fell on padding is dropped.  This is
`correlate_transposed`, and by itself it is the forward map of a transposed convolution.

The books have another form of it, a cross-correlation of ȳ, with s − 1 zeros put between neighbours and
d (k − 1) around, with the flipped kernel.  It multiplies all those zeros by weights: s times the work along
each axis, and NaN where a weight is infinite and there is no term at all.

**The weights.**  w_{o,c,u} enters every y_{o,i}, multiplied by x̃_{c,si+du}, so

    ∂l/∂w_{o,c,u} = Σ_i ȳ_{o,i} x̃_{c, si + du}                                    (`correlate_weights`)

summed over the batch: the cross-correlation of the input with the cotangent, in which stride and dilation
have changed places.

**As matrix products.**  With two axes, the taps along the width are laid side by side, which makes
k_w copies of the input; row u of the kernel then meets rows u d_h, u d_h + s_h, … of them.  Rows are sorted
by their remainder modulo s_h, so that those lie one behind the other, and the matrix for each u is a view
of c k_w rows.  One product for each u; copying the taps of the height as well would cost more than it
saves.  The adjoint has a product for each u, too.  The zeros of x̃ are entries like others: a weight that is
infinite makes NaN of them, as 0 · ∞ does.

Groups are products side by side: an axis of x, w and y that none of these sums run over.

Source: I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), §9.5; V. Dumoulin and F. Visin,
arXiv:1603.07285, §4 (transposed convolution); S. Chetlur et al., "cuDNN: efficient primitives for deep
learning", arXiv:1410.0759 (convolution as matrix products).
"""

from __future__ import annotations

import numpy as np

from reference.op import Array
from reference.shapes import pad_zeros
from reference.windows import Window, put_back

Windows = tuple[Window, Window]  # along the height and along the width
Matrices = tuple[Array, ...]


def correlate(x: Array, w: Array, windows: Windows) -> tuple[Array, Matrices]:
    """Cross-correlation of x (n, g, c, h, w) with w (g, o, c, kh, kw), and the matrices it was made of."""
    groups, out, channels, height, width = w.shape
    rows = np.reshape(np.transpose(w, (3, 0, 1, 4, 2)), (height, groups, out, width * channels))
    matrices = _matrices(x, windows)
    y = rows[0] @ matrices[0]
    for row, matrix in zip(rows[1:], matrices[1:], strict=True):
        y += row @ matrix
    shape = (window.count(n) for window, n in zip(windows, x.shape[3:], strict=True))
    return np.reshape(y, (*y.shape[:3], *shape)), matrices


def correlate_transposed(y: Array, w: Array, windows: Windows, shape: tuple[int, int]) -> Array:
    """Adjoint of `correlate` in x, whose height and width are `shape`."""
    groups, out, channels, height, width = w.shape
    down, across = windows
    flat = np.reshape(y, (*y.shape[:3], y.shape[3] * y.shape[4]))
    shares = (y.shape[0], groups, width, channels, *y.shape[3:])
    kernel_rows = np.reshape(np.transpose(w, (3, 0, 4, 2, 1)), (height, groups, width * channels, out))
    taps = (np.reshape(columns @ flat, shares) for columns in kernel_rows)
    rows = tuple(put_back(tuple(z[:, :, v] for v in range(width)), 4, across, shape[1]) for z in taps)
    return put_back(rows, 3, down, shape[0])


def correlate_weights(matrices: Matrices, y: Array, width: int) -> Array:
    """Adjoint of `correlate` in w, from the matrices that it made; `width` is that of the kernel."""
    y = np.reshape(y, (*y.shape[:3], y.shape[3] * y.shape[4]))
    rows = [np.sum(y @ matrix.mT, axis=0) for matrix in matrices]
    groups, out, taps = rows[0].shape
    shape = (groups, out, 1, width, taps // width)
    w = np.concatenate([np.reshape(row, shape) for row in rows], axis=2)
    return np.transpose(w, (0, 1, 4, 2, 3))


def _matrices(x: Array, windows: Windows) -> Matrices:
    """For each row of the kernel, what its taps read: (n, g, kw c, h_out w_out)."""
    down, across = windows
    height, width = x.shape[3:]
    count, columns = down.count(height), across.count(width)
    x = pad_zeros(x, ((0, 0),) * 3 + (down.pads(height), across.pads(width)))
    sorted_rows = {
        remainder: _side_by_side(x[..., remainder :: down.stride, :], across, width)
        for remainder in {start % down.stride for start in down.starts}
    }
    firsts = [start // down.stride * columns for start in down.starts]
    return tuple(
        sorted_rows[start % down.stride][..., first : first + count * columns]
        for start, first in zip(down.starts, firsts, strict=True)
    )


def _side_by_side(x: Array, across: Window, width: int) -> Array:
    taps = [x[..., tap] for tap in across.taps(width)]
    joined = np.concatenate(taps, axis=2) if len(taps) > 1 else taps[0]
    return np.reshape(joined, (*joined.shape[:3], joined.shape[3] * joined.shape[4]))
