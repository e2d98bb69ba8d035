"""Normalising channels by the statistics of x or by running ones: batch and instance normalisation.

The two differ in what a group is, the entries along the axes that `_axes` names.  For one group of n entries:

    with statistics of its own       μ = Σ x_i / n,  v = Σ (x_i − μ)² / n,  the **biased** variance
    with running statistics          μ and v are given, one of each for a channel

    x̂_i = (x_i − μ) r,  r = 1/√(v + ε)      y_i = w_c x̂_i + b_c

with one w and one b for each channel c.  In the first case the running statistics, where given, move towards
those of x, with the **unbiased** variance and averaged over the groups of a channel, and are outputs:

    running_mean ← (1 − m) running_mean + m mean(μ)
    running_var  ← (1 − m) running_var  + m mean(v n/(n − 1))

with m = `momentum`.  They are statistics and no part of the function: torch documents no gradient for
them, neither as inputs nor as outputs.

Derivation.  w̄_c = Σ ȳ x̂  and  b̄_c = Σ ȳ  over the channel.  Let g = ȳ w, the cotangent of x̂.  With running
statistics μ and r are constants, and x̄ = r g.  Otherwise they depend on x, and centring and scaling of
`_standardize.py` give

    x̄_j = r ( g_j − mean(g) − x̂_j mean(g x̂) ),      means over the group.

Differentiable everywhere for ε > 0.  A group of a single entry is refused with statistics of its own, as in
torch: it would always be normalised to 0, and has no unbiased variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.ops.normalization._standardize import (
    affine,
    affine_vjp,
    mean,
    misfit,
    per_channel,
    scale,
    standardize_vjp,
)
from reference.shapes import size


@dataclass(frozen=True)
class RunningNorm(Op):
    """Normalise the channels of x, (N, C, …), then scale and shift each."""

    kinds: ClassVar[dict[str, str]] = {"running_mean": "state", "running_var": "state"}
    constant_outputs: ClassVar[tuple[int, ...]] = (1, 2)

    momentum: float = 0.1
    eps: float = 1e-5

    def _own(self) -> bool:
        """Whether groups are normalised by statistics of their own."""
        raise NotImplementedError

    def _axes(self, ndim: int) -> tuple[int, ...]:
        """Axes of a group in an x of so many axes."""
        raise NotImplementedError

    def infer(
        self,
        x: Shape,
        running_mean: Shape | None = None,
        running_var: Shape | None = None,
        weight: Shape | None = None,
        bias: Shape | None = None,
    ) -> tuple[Shape, ...]:
        running = {"running_mean": running_mean, "running_var": running_var}
        if unfit := misfit(x, **running, weight=weight, bias=bias):
            raise self.refuse(*unfit)
        if (running_mean is None) != (running_var is None):
            raise self.refuse("running_var", running_var, "must be given with running_mean, or neither")
        if not self._own():
            if running_mean is None:
                raise self.refuse("running_mean", None, "is needed where x has no statistics of its own")
            return (x,)
        if size(tuple(x[axis] for axis in self._axes(len(x)))) < 2:
            raise self.refuse("x", x, "has fewer than two values in a group, which have no variance")
        return (x,) if running_mean is None else (x, x[1:2], x[1:2])

    def forward(
        self,
        x: Array,
        running_mean: Array = None,
        running_var: Array = None,
        weight: Array | None = None,
        bias: Array | None = None,
    ) -> tuple[tuple[Array, ...], Any]:
        shape, axes = per_channel(x.shape), self._axes(x.ndim)
        moved: tuple[Array, ...] = ()
        if self._own():
            centred = x - mean(x, axes)
            x_hat, r = scale(centred, axes, self.eps)
            if running_mean is not None:
                n = size(tuple(x.shape[axis] for axis in axes))
                unbiased = np.sum(centred * centred, axis=axes, keepdims=True) / (n - 1)
                moved = (self._moved(running_mean, mean(x, axes)), self._moved(running_var, unbiased))
        else:
            r = 1 / np.sqrt(np.reshape(running_var, shape) + self.eps)
            x_hat = (x - np.reshape(running_mean, shape)) * r
        return (affine(x_hat, weight, bias, shape), *moved), (x_hat, r, weight, bias)

    def vjp(self, residuals: Any, y_bar: Array, *_: Array) -> tuple[Array | None, ...]:
        x_hat, r, weight, bias = residuals
        g, weight_bar, bias_bar = affine_vjp(x_hat, weight, bias, per_channel(y_bar.shape), y_bar)
        axes = self._axes(y_bar.ndim)
        x_bar = standardize_vjp(x_hat, r, g, axes) if self._own() else r * g
        return x_bar, None, None, weight_bar, bias_bar

    def _moved(self, running: Array, own: Array) -> Array:
        """The running statistic after a step towards the mean of those of the groups."""
        own = np.reshape(mean(own, (0,)), running.shape)
        return running - self.momentum * running + self.momentum * own  # 1 − m would be a rounded number
