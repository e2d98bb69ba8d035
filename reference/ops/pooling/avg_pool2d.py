"""Mean of every window,  y_{ij} = (1 / D_{ij}) Σ_u Σ_v x̃_{s_h i + u, s_w j + v},  x̃ with zeros around x.

The divisor D is, for each window, one of

- `divisor_override`, if given;
- the number of entries of the padded x that it covers (`count_include_pad`): k_h k_w, but fewer where
  `ceil_mode` lets it reach over the end of the padding;
- the number of entries of x itself that it covers.

Derivation.  Every entry of the window enters with the factor 1/D, and all windows that cover an entry add
(`put_back`):

    x̄ = adjoint of the window sums of  ȳ / D.

The sum of a window is the sum of its rows' sums, so one axis is done after the other, and so is the
adjoint, in reverse.

Differentiable everywhere.

Source: torch.nn.AvgPool2d; Y. LeCun et al., "Handwritten digit recognition with a back-propagation
network" (1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reference.op import Array, Shape
from reference.ops.pooling._pooling import Pooling, areas
from reference.windows import put_back, read


@dataclass(frozen=True)
class AvgPool2d(Pooling):
    """Mean of each window of x."""

    count_include_pad: bool = True
    divisor_override: int | None = None

    def infer(self, x: Shape) -> tuple[Shape, ...]:
        if self.divisor_override == 0:
            raise self.refuse("x", x, "cannot be divided by divisor_override=0")
        return super().infer(x)

    def forward(self, x: Array) -> tuple[tuple[Array, ...], Any]:
        down, across = self._windows()
        divisor = self._divisor(x)
        rows = _add(read(x, x.ndim - 1, across))
        return (_add(read(rows, x.ndim - 2, down)) / divisor,), (divisor, x.shape)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        divisor, x_shape = residuals
        down, across = self._windows()
        share = y_bar / divisor
        rows_bar = put_back((share,) * down.kernel, y_bar.ndim - 2, down, x_shape[-2])
        return (put_back((rows_bar,) * across.kernel, y_bar.ndim - 1, across, x_shape[-1]),)

    def _divisor(self, x: Array) -> Array | int:
        """D, for every window."""
        if self.divisor_override is not None:
            return self.divisor_override
        height, width = (
            window.covered(n, self.count_include_pad)
            for window, n in zip(self._windows(), x.shape[-2:], strict=True)
        )
        return areas(height, width, like=x)


def _add(taps: tuple[Array, ...]) -> Array:
    return sum(taps[1:], taps[0])
