"""Convolution in one dimension, as neural networks have it: a cross-correlation.

Forward, for sequence n, output channel o and place i, with x̃ the padded x:

    y_{n,o,i} = b_o + Σ_c Σ_u w_{o,c,u} x̃_{n, c, s i + d u}.

Derivation.  As in `conv2d`, with one sum over taps instead of two; it is the convolution of images whose
height is 1, by kernels whose height is 1.

Differentiable everywhere.

Source: torch.nn.Conv1d; A. Waibel et al., "Phoneme recognition using time-delay neural networks" (1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reference.ops.convolution._convolution import Convolution


@dataclass(frozen=True)
class Conv1d(Convolution):
    """Cross-correlate x, (n, c, l) or (c, l), with weight (o, c / groups, k), and add bias (o,)."""

    axes: ClassVar[int] = 1
