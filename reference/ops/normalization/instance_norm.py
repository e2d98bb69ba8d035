"""Instance normalisation: each channel, axis 1 of x, of each sample, over all places.

Forward, for one channel c of one sample, with n places, when `use_input_stats`:

    μ = Σ x_i / n      v = Σ (x_i − μ)² / n      r = 1/√(v + ε)      y_i = w_c (x_i − μ) r + b_c

Otherwise μ and v are the running statistics, the same for all samples.  When `use_input_stats` these, where
given, move towards the means over the batch of μ and of the unbiased variance v n/(n − 1), and are outputs
without a gradient.

Derivation.  With x̂ = (x − μ) r and g = ȳ w_c, sums over the channel in all samples, means over the places,

    w̄_c = Σ ȳ x̂      b̄_c = Σ ȳ
    x̄_j = r ( g_j − mean(g) − x̂_j mean(g x̂) )  when `use_input_stats`,      x̄_j = r g_j  otherwise,

which `_running.py` derives for any groups of entries.

Differentiable everywhere for ε > 0.  A single place is refused when `use_input_stats`, as in torch.

Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance normalization", arXiv:1607.08022, equation 4;
torch.nn.functional.instance_norm and torch.nn.InstanceNorm1d for the running statistics.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference.ops.normalization._running import RunningNorm


@dataclass(frozen=True)
class InstanceNorm(RunningNorm):
    """Normalise the channels of each sample of x, (N, C, …), by statistics of x or by running ones."""

    use_input_stats: bool = True

    def _own(self) -> bool:
        return self.use_input_stats

    def _axes(self, ndim: int) -> tuple[int, ...]:
        return tuple(range(2, ndim))
