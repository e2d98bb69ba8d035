"""Batch normalisation: each channel, axis 1 of x, over the batch and all places.

Forward, for one channel c of n entries, in training:

    μ = Σ x_i / n      v = Σ (x_i − μ)² / n      r = 1/√(v + ε)      y_i = w_c (x_i − μ) r + b_c

In evaluation μ and v are the running statistics.  In training these, where given, move towards μ and the
unbiased variance v n/(n − 1), and are outputs without a gradient.

Derivation.  With x̂ = (x − μ) r and g = ȳ w_c, sums and means over the channel,

    w̄_c = Σ ȳ x̂      b̄_c = Σ ȳ
    x̄_j = r ( g_j − mean(g) − x̂_j mean(g x̂) )  in training,      x̄_j = r g_j  in evaluation,

which `_running.py` derives for any groups of entries.

Under a cotangent that is constant over a channel x̄ is 0 in training: batch normalisation must never be
tested with the gradient of its sum.

Differentiable everywhere for ε > 0.  In training a channel of a single value is refused, as in torch.

Source: S. Ioffe, C. Szegedy, "Batch normalization", arXiv:1502.03167, algorithms 1 and 2;
torch.nn.functional.batch_norm and torch.nn.BatchNorm1d for the two variances and the momentum.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference.ops.normalization._running import RunningNorm


@dataclass(frozen=True)
class BatchNorm(RunningNorm):
    """Normalise the channels of x, (N, C, …), by their own statistics in `training`, else by running ones."""

    training: bool = False

    def _own(self) -> bool:
        return self.training

    def _axes(self, ndim: int) -> tuple[int, ...]:
        return (0, *range(2, ndim))
