"""Power y = bᵉ of a base b and an exponent e, which is an attribute or a second input.

Derivation.  With b > 0 and y = e^(e ln b), the chain rule gives

    ∂y/∂b = e bᵉ⁻¹        ∂y/∂e = y ln b

    b̄ = ȳ e bᵉ⁻¹          ē = ȳ y ln b        (each summed over the axes along which it was broadcast)

For b < 0 and an integer e the first holds as well; the second is NaN, since ln b is not real, and so is y
itself where e is no integer.

Not differentiable at b = 0 but for some e.  b⁰ = 1 for every b, 0 and ∞ included, so the exponent 0 gives
b̄ = 0, where the formula would give 0 · ∞ at b = 0.  For b = 0 and e > 0 the power stays 0 when e moves,
so ē = 0, where the formula would give 0 · (−∞); at e = 0, where 0ᵉ jumps from 1 to 0, the convention is 0,
too.  For e < 0 and b → 0 the formula holds as a limit: infinite.  Torch takes the same values.

Source: torch.pow; NIST Digital Library of Mathematical Functions, §4.2(iv).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference.constants import number
from reference.op import Array, Op, Shape
from reference.shapes import broadcast, unbroadcast


@dataclass(frozen=True)
class Power(Op):
    """base ** exponent with a number, or base ** exponents with an array; shapes broadcast together."""

    exponent: float | None = None

    def infer(self, base: Shape, exponents: Shape | None = None) -> tuple[Shape, ...]:
        if (exponents is None) == (self.exponent is None):
            raise self.refuse("exponents", exponents, f"and exponent={self.exponent}: needs one of the two")
        y = base if exponents is None else broadcast(base, exponents)
        if y is None:
            raise self.refuse("exponents", exponents, f"does not broadcast with base of shape {base}")
        return (y,)

    def forward(self, base: Array, exponents: Array | None = None) -> tuple[tuple[Array, ...], Any]:
        exponent: Any = exponents if self.exponent is None else number(self.exponent, like=base)
        y = np.power(base, exponent)
        return (y,), (base, exponent, y)

    def vjp(self, residuals: Any, y_bar: Array) -> tuple[Array | None, ...]:
        base, exponent, y = residuals
        base_bar = np.where(exponent == 0, 0, y_bar * (exponent * np.power(base, exponent - 1)))
        if self.exponent is not None:
            return (base_bar,)
        stays = (base == 0) & (exponent >= 0)
        exponent_bar = y_bar * np.where(stays, 0, y * np.log(base))
        return unbroadcast(base_bar, base.shape), unbroadcast(exponent_bar, exponent.shape)
