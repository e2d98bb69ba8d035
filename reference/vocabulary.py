"""The numpy that ops may use, and a function of scipy.special.

One body of `forward` and `vjp` runs on float32, float64 and every other number system (certified
balls, jets, noisy floats), and each of those must answer whatever an op calls.  So the vocabulary is
small, written down here, and capped; a name is added in every number system at once or not at all.

A number system is a class that answers `__array_ufunc__` and `__array_function__` for `FUNCTIONS`
and the ufuncs of `OPERATORS`, and has the `ATTRIBUTES`.  What is in `PLAIN` never meets it: shapes
are tuples, and indices and the answers of comparisons are arrays of numpy itself, in every number
system; such are combined by `& | ~`.  An entry equals the maximum that it was chosen as, in every one.

Not here, and why:

- methods of arrays (`x.sum()`): one way to write a thing, and a function can be looked up here;
- `zeros`, `asarray`, `astype`, `dtype=`, `float(x)`: they name a floating dtype, and round a certified
  number to it without a word;
- assignment into an array: a residual or an input could be what is written to;
- `mean`, `var`, `std`, `logaddexp`, …: they hide where rounding happens, and which variance is meant.
"""

from __future__ import annotations

CAP = 40  # functions and operators together: what a new number system has to write

FUNCTIONS = {
    "abs": "|x|",
    "argmax": "which entry along an axis is largest, the first of equals: plain integers",
    "broadcast_to": "copies entries; the adjoint of a sum",
    "concatenate": "copies entries, one array after the other",
    "erf": "error function (2/√π) ∫₀ˣ e^(−t²) dt, from scipy.special",
    "exp": "eˣ",
    "expm1": "eˣ − 1, which keeps the digits of a small x",
    "log": "natural logarithm",
    "log1p": "log(1 + x), which keeps the digits of a small x",
    "max": "largest entry along an axis; the shift that keeps exponentials finite",
    "maximum": "the larger of two, entry by entry",
    "power": "xʸ, entry by entry",
    "reshape": "the same entries in row-major order",
    "scatter_add": "adds rows that share an index, from reference/scatter.py; the adjoint of take",
    "sqrt": "square root",
    "sum": "sum over axes; every other reduction is built on it",
    "take": "rows along an axis, chosen by plain integers",
    "take_along_axis": "one entry per row, chosen by an integer array",
    "tanh": "hyperbolic tangent; from exponentials it would overflow or cancel",
    "transpose": "the same entries with the axes in another order",
    "where": "a choice per entry, without multiplying by 0 what is not chosen",
    "zeros_like": "zeros in the number system of another array",
}

OPERATORS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "true_divide",
    "@": "matmul",
    "unary -": "negative",
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}

ATTRIBUTES = {
    "shape": "tuple of int",
    "ndim": "number of axes",
    "size": "number of entries",
    "T": "transpose of a matrix; with two axes only",
    "mT": "transpose of the last two axes",
    "[…]": "basic indexing by integers and slices: some of the entries",
}

PLAIN = {
    "arange": "integers 0, 1, …: class indices to compare with",
    "broadcast_shapes": "takes and gives tuples",
    "count_nonzero": "how many comparisons hold; as a Python number, int(np.count_nonzero(…))",
    "errstate": "overflow to ∞ and underflow to 0 are values like others",
}
