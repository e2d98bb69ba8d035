"""Jets against derivatives that nobody here wrote: sympy's, and exact differences of polynomials."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from oracle.numbers import jets as jets_module
from oracle.numbers.balls import balls
from oracle.numbers.balls_run import Balls
from oracle.numbers.jets import JetArray
from oracle.numbers.jets_rules import RULES, TURNS, Jets
from reference import vocabulary
from reference.constants import constant
from reference.scatter import scatter_add
from tests.oracle.certified import PRECISION, assert_holds, ends, run_forward
from tests.oracle.test_balls import CALLS, INDICES
from tests.reference.example import Example
from tests.reference.examples import EXAMPLES


def jet(value: Any, tangent: Any, run: Jets) -> JetArray:
    return JetArray(balls(np.asarray(value), run), balls(np.asarray(tangent), run))


# --- words that compute: random expressions ---------------------------------------------------------

X, Y = sympy.symbols("x y", real=True)
UNARY: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "negative": (np.negative, lambda u: -u),
    "abs": (np.abs, sympy.Abs),
    "erf": (erf, sympy.erf),
    "exp": (np.exp, sympy.exp),
    "expm1": (np.expm1, lambda u: sympy.exp(u) - 1),
    "tanh": (np.tanh, sympy.tanh),
    "log": (lambda u: np.log(1 + u * u), lambda u: sympy.log(1 + u * u)),
    "log1p": (lambda u: np.log1p(u * u), lambda u: sympy.log(1 + u * u)),
    "sqrt": (lambda u: np.sqrt(1 + u * u), lambda u: sympy.sqrt(1 + u * u)),
    "power": (
        lambda u: np.power(2 + np.tanh(u), 0.75),
        lambda u: (2 + sympy.tanh(u)) ** sympy.Rational(3, 4),
    ),
    "constant": (lambda u: u * constant("sqrt(2/pi)", like=u), lambda u: u * sympy.sqrt(2 / sympy.pi)),
}
BINARY: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "add": (np.add, lambda u, v: u + v),
    "subtract": (np.subtract, lambda u, v: u - v),
    "multiply": (np.multiply, lambda u, v: u * v),
    "divide": (lambda u, v: u / (1 + v * v), lambda u, v: u / (1 + v * v)),
    "maximum": (np.maximum, sympy.Max),
    "power": (lambda u, v: np.power(1 + u * u, np.tanh(v)), lambda u, v: (1 + u * u) ** sympy.tanh(v)),
}
TREES = st.recursive(
    st.sampled_from([("x",), ("y",)]) | st.integers(-8, 8).map(lambda n: ("number", n / 4)),
    lambda trees: (
        st.tuples(st.sampled_from(sorted(UNARY)), trees)
        | st.tuples(st.sampled_from(sorted(BINARY)), trees, trees)
    ),
    max_leaves=5,
)


def built(tree: Any, leaves: dict[str, Any], side: int) -> Any:
    """The expression on jets (side 0) or in sympy (side 1)."""
    name, *operands = tree
    if name in leaves:
        return leaves[name]
    if name == "number":
        return leaves["x"] * 0 + operands[0] if side == 0 else sympy.Rational(operands[0])
    table: dict[str, Any] = UNARY if len(operands) == 1 else BINARY
    return table[name][side](*(built(operand, leaves, side) for operand in operands))


@settings(max_examples=60)
@given(tree=TREES, x=st.integers(-40, 40), y=st.integers(-40, 40), dx=st.integers(1, 9), dy=st.integers(1, 9))
def test_a_tangent_holds_the_derivative_that_sympy_gives(tree: Any, x: int, y: int, dx: int, dy: int) -> None:
    run = Jets(PRECISION)
    found = built(tree, {"x": jet(x / 16, dx, run), "y": jet(y / 16, dy, run)}, side=0)
    ball = found.tangent.data.item()
    if run.kinks or not ball.is_finite():
        return
    formula = built(tree, {"x": X, "y": Y}, side=1)
    at = {X: sympy.Rational(x, 16), Y: sympy.Rational(y, 16)}
    derivative = dx * sympy.diff(formula, X) + dy * sympy.diff(formula, Y)
    slope = Fraction(str(sympy.sympify(derivative).subs(at).evalf(120, maxn=500)))
    low, high = ends(ball)
    known = Fraction(1, 10**100) * (1 + abs(slope))
    assert low - known <= slope <= high + known


# --- words that move entries, and sums of products --------------------------------------------------


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_of_degree_two_has_the_derivative_that_a_central_difference_gives(call: Any) -> None:
    rng = np.random.default_rng(5)
    x, y, x_dot, y_dot = rng.standard_normal((4, 3, 3))
    x_dot, y_dot = 2.0**-40 * x_dot, 2.0**-40 * y_dot  # so that no maximum changes
    run = Jets(PRECISION)
    found = call(jet(x, x_dot, run), jet(y, y_dot, run))
    a, b, a_dot, b_dot = (np.frompyfunc(Fraction, 1, 1)(array) for array in (x, y, x_dot, y_dot))
    exact = np.asarray((call(a + a_dot, b + b_dot) - call(a - a_dot, b - b_dot)) / 2, object)
    assert found.shape == exact.shape == found.tangent.shape
    for ball, value in zip(found.tangent.data.flat, exact.flat, strict=True):
        assert_holds(ball, value)
    assert run.kinks == 0


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_does_not_move_has_no_tangent(call: Any) -> None:
    values = np.random.default_rng(6).standard_normal((2, 3, 3))
    run, plain = Jets(PRECISION), Balls(PRECISION)
    found = call(*(JetArray(balls(array, run)) for array in values))
    expected = call(*(balls(array, plain) for array in values))
    assert found.tangent is None
    for one, other in zip(found.value.data.flat, expected.data.flat, strict=True):
        assert ends(one) == ends(other)


def test_tangents_of_rows_that_share_an_index_are_added() -> None:
    y_dot = np.arange(8.0).reshape(2, 2, 2)
    found = scatter_add(jet(np.ones((2, 2, 2)), y_dot, Jets()), INDICES, 4)
    assert found.tangent is not None
    rows = y_dot.reshape(4, 2)
    np.testing.assert_array_equal(
        np.asarray(found.tangent.data, float), [rows[1], rows[0] + rows[2], rows[3], [0, 0]]
    )


def test_every_word_of_the_vocabulary_is_answered() -> None:
    words = {*vocabulary.FUNCTIONS, *vocabulary.OPERATORS.values()} - {"scatter_add", "erf"}
    answers = (*RULES, *jets_module._COMPARISONS, *jets_module._FUNCTIONS)
    assert {getattr(np, word).__name__ for word in words} <= {function.__name__ for function in answers}
    assert erf in RULES


# --- kinks ---------------------------------------------------------------------------------------------


def slopes(function: Callable[[JetArray], Any], value: list[float], turn: int) -> tuple[int, list[float]]:
    """Number of kinks, and the tangent, x being moved by 3, 4, 5."""
    run = Jets(PRECISION, turn=turn)
    y = function(jet(np.array(value, float), np.arange(3.0, 3.0 + len(value)), run))
    return run.kinks, [float(ball) for ball in y.tangent.data.flat]


def positive(x: Any) -> Any:
    return np.where(x > 0, x, 0)


def masked(x: Any) -> Any:
    return np.where(x > 0, x, -math.inf)


def shifted(x: Any) -> Any:
    largest = np.max(x)
    return x - largest + largest


def own_maximum(x: Any) -> Any:
    return np.where(x == np.max(x), x, 0)


def chosen(x: Any) -> Any:
    return np.take_along_axis(x, np.argmax(x * np.array([2, 2, 1]), axis=0, keepdims=True), axis=0)


# function and values; number of kinks, slopes in the first run, whether they are the same in all runs
KINKS: dict[str, tuple[Callable[[Any], Any], list[float], int, list[float], bool]] = {
    "a maximum at zero": (lambda x: np.maximum(x, 0), [0, 1, -1], 1, [3, 4, 0], False),
    "abs at zero": (np.abs, [0, 1, -1], 1, [3, 4, -5], False),
    "a comparison at its threshold": (lambda x: np.where(x > 1, 2 * x, x), [1, 2], 1, [3, 8], False),
    "the maximum of a tie": (lambda x: np.max(x * np.array([1, 2])), [0, 0], 1, [3], False),
    "the position of a tie": (chosen, [1, 1, 1], 1, [3], False),
    "a tie with what was clipped": (lambda x: np.max(np.maximum(x, 0)), [-1, 0], 2, [0], False),
    "the shift by a tied maximum": (shifted, [1, 1], 1, [3, 4], True),
    "a tie of what moves alike": (lambda x: np.maximum(x, 2 * x - x), [1], 0, [3], True),
    "clipped twice": (lambda x: np.maximum(np.maximum(x, 0), 0), [-1], 0, [0], True),
    "an entry that is its own maximum": (lambda x: 3 * own_maximum(x / 3), [1, 2, 0], 0, [0, 4, 0], True),
    "a number compared with itself": (lambda x: np.where(x != x, 0, x), [1], 0, [3], True),
    "a comparison that makes no difference": (lambda x: np.where(x > 1, x, x), [1], 1, [3], True),
    "what is not chosen": (lambda x: np.where(x > 0, np.log(x), 0), [-1, 2], 0, [0, 2], True),
    "what was masked away": (lambda x: np.where(masked(x) == -math.inf, 0, x), [-1, 2], 0, [0, 4], True),
    "what rests under an infinite slope": (lambda x: np.sqrt(positive(x)), [-1, 4], 0, [0, 1], True),
    "what moves under an infinite slope": (lambda x: np.sqrt(x * x), [0, 1], 0, [math.nan, 4], True),
    "what never moves": (lambda x: x + np.abs(0 * np.zeros_like(x)), [1], 0, [3], True),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_is_counted_and_shows_where_it_matters(name: str) -> None:
    function, value, kinks, expected, same = KINKS[name]
    first, *others = (slopes(function, value, turn) for turn in range(TURNS + 1))
    np.testing.assert_equal(first, (kinks, expected))
    assert (len({str(found) for _, found in (first, *others)}) == 1) is same


POWERS = {  # base, exponent: slope in the base, slope in the exponent
    (0.0, 2.0): (0.0, 0.0),
    (0.0, 1.0): (1.0, 0.0),
    (-2.0, 3.0): (12.0, math.nan),
    (-2.0, 0.0): (0.0, math.nan),
    (0.0, 0.0): (0.0, math.nan),
    (0.0, 0.5): (math.nan, 0.0),
}


@pytest.mark.parametrize("case", POWERS, ids=str)
def test_powers_have_slopes_where_mathematics_gives_them_one(case: tuple[float, float]) -> None:
    for moves in (0, 1):
        run = Jets(PRECISION)
        operands = [
            jet(value, 1.0, run) if side == moves else JetArray(balls(np.asarray(value), run))
            for side, value in enumerate(case)
        ]
        slope = float(np.power(*operands).tangent.data.item())
        np.testing.assert_equal(slope, POWERS[case][moves])


def test_a_power_whose_base_rests_moves_with_its_exponent_alone() -> None:
    run = Jets(PRECISION)
    base = positive(jet([-1.0, 4.0], [1.0, 1.0], run))
    slopes = np.power(base, jet(0.5, 2.0, run)).tangent.data
    assert [float(slope) for slope in slopes] == [0.0, 0.25 + 2 * 2 * math.log(4)]


# --- the run ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_decisions_of_the_forward_pass_have_the_numbers_that_they_have_on_balls(example: Example) -> None:
    run, plain = Jets(PRECISION), Balls(PRECISION)
    run_forward(example, lambda x: jet(x, np.ones(x.shape), run))
    run_forward(example, lambda x: balls(x, plain))
    assert run.comparisons == plain.comparisons
    assert run.ambiguous == plain.ambiguous


@pytest.mark.parametrize(
    "loss", [float, bool, np.asarray, np.cos, np.mean, lambda x: x + np.ones(1), lambda x: np.add.reduce(x)]
)
def test_what_would_lose_the_tangent_raises(loss: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        loss(jet(1.0, 1.0, Jets()))
