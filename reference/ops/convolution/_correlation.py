"""Cross-correlation, a linear map, and the two maps that are adjoint to it.

Written along one axis (several axes have an index pair i, u and a slice each), with x̃ the input x with a
zeros in front and b behind, stride s and dilation d:

    y_{o,i} = Σ_c Σ_u w_{o,c,u} x̃_{c, si + du}                                    (`correlate`)

y is linear in x for a fixed w, and linear in w for a fixed x, so each derivative is a transposed matrix,
and deriving it is a matter of collecting terms.

**The input.**  x̃_{c,p} is multiplied by w_{o,c,u} into y_{o,i} whenever si + du = p, so

    ∂l/∂x̃_{c,p} = Σ_o Σ_u w_{o,c,u} Σ_i [si = p − du] ȳ_{o,i}.

Let ŷ be the **dilated cotangent**, s − 1 zeros between neighbours: ŷ_{o,si} = ȳ_{o,i}, else 0.  The inner
sum is one entry of it, ŷ_{o,p−du}: the index runs backwards, and counting the taps from the other end
turns it forwards again,

    ∂l/∂x̃_{c,p} = Σ_o Σ_u w_{o,c,k−1−u} ŷ_{o, p − d(k−1) + du},

which is a cross-correlation once more: of ŷ between d(k−1) zeros, at stride 1, with the **flipped
kernel**, output channels in the place of input channels.  x_q is x̃_{q+a}, so for x̄ there are d(k−1) − a
zeros in front; where that is negative, as many entries of ŷ had read nothing but padding, and are
dropped.  This is `correlate_transposed`, and by itself it is the forward map of a transposed convolution.

**The weights.**  w_{o,c,u} enters every y_{o,i}, multiplied by x̃_{c,si+du}, so

    ∂l/∂w_{o,c,u} = Σ_i ȳ_{o,i} x̃_{c, si + du}                                    (`correlate_weights`)

summed over the batch: the cross-correlation of the input with the cotangent, in which stride and dilation
have changed places.

**As matrix products.**  With two axes, the taps along the width are laid side by side, which makes
k_w copies of the input; row u of the kernel then meets rows u d_h, u d_h + s_h, … of them.  Rows are sorted
by their remainder modulo s_h, so that those lie one behind the other, and the matrix for each u is a view
of c k_w rows.  One product for each u; copying the taps of the height as well would cost more than it
saves.

Groups are products side by side: an axis of x, w and y that none of these sums run over.

Source: I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), §9.5; V. Dumoulin and F. Visin,
arXiv:1603.07285, §4 (transposed convolution); S. Chetlur et al., "cuDNN: efficient primitives for deep
learning", arXiv:1410.0759 (convolution as matrix products).
"""

from __future__ import annotations

import numpy as np

from reference.op import Array
from reference.shapes import along, dilate, pad_zeros
from reference.windows import Window

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
    for axis, (window, n) in enumerate(zip(windows, shape, strict=True), start=3):
        y = dilate(y, axis, window.stride)
        reach = window.span - 1
        y = _shift(y, axis, reach - window.before, n + reach)
    flipped = np.transpose(w, (0, 2, 1, 3, 4))[..., ::-1, ::-1]
    x, _ = correlate(y, flipped, (_plain(windows[0]), _plain(windows[1])))
    return x


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


def _shift(y: Array, axis: int, zeros: int, length: int) -> Array:
    """Put zeros in front of y (where negative: drop entries), and behind, to make up the length."""
    y = y[along(axis, slice(max(-zeros, 0), length - zeros))]
    front = max(zeros, 0)
    return pad_zeros(y, (*((0, 0),) * axis, (front, length - front - y.shape[axis])))


def _plain(window: Window) -> Window:
    return Window(window.kernel, dilation=window.dilation)
