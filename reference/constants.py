"""Irrational constants, exact in every number system.

The literal ``0.7978845608`` is √(2/π) in float32 only; in float64 it is a fault of 10⁻¹¹, and in
certified arithmetic it is no enclosure at all.  So an op asks for ``constant("sqrt(2/pi)", like=x)``
and each number system answers in its own way: numpy with the nearest double (which a float32 array
rounds once more), a duck array through its method ``__constant__``.

Source of the digits: OEIS A231863 (1/√(2π)), A076668 (√(2/π)), A010503 (1/√2), A002162 (ln 2).
0.044715 (gelu) and the two of selu are decimal numbers by definition, and no binary ones.
"""

from __future__ import annotations

import numpy as np

from reference.op import Array

DIGITS = {
    "sqrt(2/pi)": "0.79788456080286535587989211986876373695171726232987",
    "1/sqrt(2*pi)": "0.39894228040143267793994605993438186847585863116493",
    "1/sqrt(2)": "0.70710678118654752440084436210484903928483593768847",
    "0.044715": "0.044715",
    "log(2)": "0.69314718055994530941723212145817656807550013436026",
    "1.0507009873554804934193349852946": "1.0507009873554804934193349852946",
    "1.6732632423543772848170429916717": "1.6732632423543772848170429916717",
}


def constant(expression: str, like: Array) -> Array:
    """Constant named by `expression`, in the number system of `like`.

    Parameters
    ----------
    expression : str
        A key of `DIGITS`, e.g. ``"sqrt(2/pi)"``.
    like : array
        Array that the constant will be combined with.

    Returns
    -------
    float or duck scalar
        For a numpy array a Python float, which keeps the array's dtype.

    Raises
    ------
    KeyError
        If the constant is not in the table.
    """
    answer = getattr(like, "__constant__", None)
    return float(DIGITS[expression]) if answer is None else answer(expression)


def number(value: float, like: Array) -> Array:
    """A Python number as an array of no axes, in the number system of `like`.

    Arithmetic between Python numbers, ``self.exponent - 1`` say, is rounded to a double whatever the number
    system, and then a derivative differs from that of the function by a rounding, for certain.
    """
    return np.where(True, value, np.zeros_like(like, shape=()))
