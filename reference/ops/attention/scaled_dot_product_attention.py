"""Scaled dot-product attention: every query takes a mean of the values, weighted by how its key fits.

Forward, for one head, with queries Q (l, e), keys K (s, e), values V (s, v), a bias B (l, s) and the set
of keys that each query may see:

    Z = σ Q Kᵀ + B        A = softmax of each row of Z over the keys seen, else 0        Y = A V

σ is `scale`, 1/√e by default: a sum of e products of independent numbers of variance 1 has the variance e.

Derivation.  Backwards, one factor at a time (each product as in `matmul`, the rows as in `softmax`):

    Ā = Ȳ Vᵀ              V̄ = Aᵀ Ȳ
    Z̄ = A ∘ (Ā − rowsum(A ∘ Ā))
    B̄ = Z̄                 Q̄ = σ Z̄ K                K̄ = σ Z̄ᵀ Q

where A = 0, Z̄ = 0: a masked pair has no gradient.  rowsum(A ∘ Ā) = rowsum(Y ∘ Ȳ), since A Ā sums over
values in another order; the left form needs no output.

A query that may see **no key** takes the mean of nothing.  The softmax of a row of −∞ is 0/0, and the
formula that torch documents would give NaN; here the weights are 0, the empty sum, and so are output and
gradients.  Torch does the same.

Stability.  Each row of Z is shifted by its largest entry among the keys seen; the shift cancels.

Leading axes are independent heads; where an operand was broadcast along them, its cotangents add.

Differentiable everywhere.

Source: A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, equation 1;
torch.nn.functional.scaled_dot_product_attention (True in `mask`: the pair takes part; `is_causal`: query i
sees the keys 0 … i, whatever the number of keys).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reference.op import Array, Op, Shape
from reference.shapes import broadcast, unbroadcast


@dataclass(frozen=True)
class ScaledDotProductAttention(Op):
    """Attention of query (…, l, e) to key (…, s, e) and value (…, s, v); mask or bias (…, l, s)."""

    kinds: ClassVar[dict[str, str]] = {"mask": "mask"}

    is_causal: bool = False
    scale: float | None = None

    def infer(
        self, query: Shape, key: Shape, value: Shape, mask: Shape | None = None, bias: Shape | None = None
    ) -> tuple[Shape, ...]:
        for argument, shape in (("query", query), ("key", key), ("value", value)):
            if len(shape) < 2:
                raise self.refuse(argument, shape, "needs at least two axes")
        if key[-1] != query[-1] or key[-1] < 1:
            raise self.refuse("key", key, f"does not fit query of shape {query}: needs (…, s, {query[-1]})")
        if value[-2] != key[-2]:
            raise self.refuse("value", value, f"does not fit key of shape {key}: needs (…, {key[-2]}, v)")
        pairs = broadcast(query[:-2], key[:-2])
        heads = None if pairs is None else broadcast(pairs, value[:-2])
        if pairs is None or heads is None:
            raise self.refuse("query", query, f"does not broadcast with key {key} and value {value}")
        scores = (*pairs, query[-2], key[-2])
        for argument, given in (("mask", mask), ("bias", bias)):
            if given is not None and (self.is_causal or None not in (mask, bias)):
                raise self.refuse(argument, given, "is one too many: is_causal, mask or bias")
            if given is not None and (len(given) < 2 or broadcast(given, scores) != scores):
                raise self.refuse(argument, given, f"does not broadcast to the scores of shape {scores}")
        return ((*heads, query[-2], value[-1]),)

    def forward(
        self, query: Array, key: Array, value: Array, mask: Array | None = None, bias: Array | None = None
    ) -> tuple[tuple[Array, ...], Any]:
        scaled = self._scaled(query)
        z = scaled @ key.mT
        if bias is not None:
            z = z + bias
        if self.is_causal:
            mask = np.reshape(np.arange(z.shape[-2]), (-1, 1)) >= np.arange(z.shape[-1])
        if mask is not None:
            z = np.where(mask, z, -math.inf)
        weights = _softmax(z)
        return (weights @ value,), (
            scaled,
            query.shape,
            key,
            value,
            None if bias is None else bias.shape,
            weights,
        )

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        scaled, query_shape, key, value, bias_shape, weights = residuals
        value_bar = unbroadcast(weights.mT @ y_bar, value.shape)
        weighted = weights * (y_bar @ value.mT)
        z_bar = weighted - weights * np.sum(weighted, axis=-1, keepdims=True)
        query_bar = unbroadcast(self._scaled(z_bar @ key), query_shape)
        key_bar = unbroadcast(z_bar.mT @ scaled, key.shape)
        bias_bar = None if bias_shape is None else unbroadcast(z_bar, bias_shape)
        return query_bar, key_bar, value_bar, None, bias_bar

    def _scaled(self, query: Array) -> Array:
        if self.scale is not None:
            return query * self.scale
        features = np.zeros_like(query, shape=()) + query.shape[-1]
        return query / np.sqrt(features)


def _softmax(z: Array) -> Array:
    """Softmax of each row, and 0 for a row of −∞."""
    if z.shape[-1] == 0:  # a row without entries has no largest
        return z
    largest = np.max(z, axis=-1, keepdims=True)
    blind = largest == -math.inf
    e = np.exp(z - np.where(blind, 0, largest))
    return e / np.where(blind, 1, np.sum(e, axis=-1, keepdims=True))
