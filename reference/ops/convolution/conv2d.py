"""Convolution in two dimensions, as neural networks have it: without a flipped kernel, a cross-correlation.

Forward, for image n, output channel o and pixel (i, j), with x̃ the padded x:

    y_{n,o,i,j} = b_o + Σ_c Σ_u Σ_v w_{o,c,u,v} x̃_{n, c, s_h i + d_h u, s_w j + d_w v}.

c runs over the channels of o's group: with g groups, the channels of x and of y are cut into g equal
parts, and each part of y sees its part of x alone (g = 1: everything; g = number of channels: depthwise).

Derivation.  y is linear in x and linear in w, and `_correlation.py` derives both adjoints: for x̄ every ȳ
goes, times the weights, back to the entries that its window read, and w̄ is the cross-correlation of x with ȳ.
The bias is copied to every pixel of every image:  b̄_o = Σ_{n,i,j} ȳ_{n,o,i,j}.  `_convolution.py` puts the
three together.

Sizes.  Along an axis of n entries there are ⌊(n + 2p − d (k − 1) − 1) / s⌋ + 1 outputs.  Entries that lie
behind the last window reach no output, and their gradient is 0.  Padding "same" is the one that makes n
outputs at stride 1, d (k − 1) zeros; if their number is odd, one more behind than in front.

Differentiable everywhere.

Source: torch.nn.Conv2d for stride, padding, dilation and groups; Y. LeCun et al., "Backpropagation applied
to handwritten zip code recognition" (1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reference.ops.convolution._convolution import Convolution


@dataclass(frozen=True)
class Conv2d(Convolution):
    """Cross-correlate x, (n, c, h, w) or (c, h, w), with weight (o, c / groups, kh, kw); add bias (o,)."""

    axes: ClassVar[int] = 2
