"""Balls hold what exact arithmetic and mpmath at 100 digits give, and give nothing away without a word."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from scipy.special import erf

from oracle.numbers import balls as balls_module
from oracle.numbers.balls import BallArray, balls
from oracle.numbers.balls_run import Balls
from reference import vocabulary
from reference.scatter import scatter_add
from tests.oracle.certified import LOOSE, PRECISION, assert_holds, ends, rational

SPECIAL = [0.0, 1.0, -1.0, 0.5, 2.0**-1074, -(2.0**-1022), 1e-30, 709.0, -745.0, 1e30, 0.1, math.pi]
NUMBERS = st.sampled_from(SPECIAL) | st.floats(-50, 50)


def fresh(*values: Any) -> list[BallArray]:
    run = Balls(PRECISION)
    return [balls(np.asarray(value), run) for value in values]


# --- entry by entry ----------------------------------------------------------------------------

FUNCTIONS: dict[str, tuple[Any, Any, Callable[[float], bool]]] = {
    "abs": (np.abs, abs, lambda x: True),
    "__abs__": (abs, abs, lambda x: True),
    "erf": (erf, mpmath.erf, lambda x: abs(x) < 1e3),
    "exp": (np.exp, mpmath.exp, lambda x: abs(x) < 1e3),
    "expm1": (np.expm1, mpmath.expm1, lambda x: abs(x) < 1e3),
    "log": (np.log, mpmath.log, lambda x: x > 0),
    "log1p": (np.log1p, mpmath.log1p, lambda x: x > -1),
    "negative": (np.negative, lambda x: -x, lambda x: True),
    "sqrt": (np.sqrt, mpmath.sqrt, lambda x: x >= 0),
    "tanh": (np.tanh, mpmath.tanh, lambda x: abs(x) < 1e3),
}
OPERATORS: dict[str, Any] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=NUMBERS)
def test_a_function_holds_what_mpmath_gives(name: str, x: float) -> None:
    function, truth, defined = FUNCTIONS[name]
    if defined(x):
        (ball,) = fresh(x)
        with mpmath.workdps(400):  # log1p of a subnormal number, to 100 digits
            assert_holds(function(ball).data.item(), truth(mpf(x)), digits=100)


@pytest.mark.parametrize("name", OPERATORS)
@given(x=NUMBERS, y=NUMBERS)
def test_an_operator_holds_the_exact_result(name: str, x: float, y: float) -> None:
    if name != "divide" or y:
        low, high = ends(OPERATORS[name](*fresh(x, y)).data.item())
        exact = max(map(Fraction, (x, y))) if name == "maximum" else OPERATORS[name](Fraction(x), Fraction(y))
        assert low <= exact <= high
        assert high - low <= (abs(exact) + abs(Fraction(x)) + abs(Fraction(y))) * Fraction(LOOSE)


@given(x=NUMBERS, y=st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]) | st.floats(-3, 3))
def test_a_power_holds_what_mpmath_gives(x: float, y: float) -> None:
    if x > 1e-30 or (x and y.is_integer()) or (x == 0 and y >= 0):
        with mpmath.workdps(400):
            assert_holds(np.power(*fresh(x, y)).data.item(), mpf(x) ** mpf(y), digits=100)


@pytest.mark.parametrize("power", [1, 2, 3, 4])
@given(x=st.floats(-1, 1), radius=st.floats(0, 2))
def test_a_whole_power_of_a_ball_around_zero_holds_all_powers(power: int, x: float, radius: float) -> None:
    run = Balls(PRECISION)
    found = np.power(BallArray(arb(x, radius), run), power).data.item()
    for part in (-1, Fraction(-1, 3), 0, Fraction(x) and Fraction(1, 2), 1):
        low, high = ends(found)
        assert low <= (Fraction(x) + Fraction(radius) * part) ** power <= high


def test_infinities_go_through_where_the_limit_is_clear() -> None:
    (x,) = fresh([-math.inf, math.inf, 1.0])
    assert np.exp(x).data[0].is_zero()
    assert np.max(x).data.item() == arb(math.inf)
    assert np.where([True, False, False], -math.inf, x).data.tolist()[0] == arb(-math.inf)
    assert all(ball.is_nan() for ball in (x - x).data[:2])


# --- arrays: the same call on rational numbers -------------------------------------------------

INDICES = np.array([[1, 0], [1, 2]])
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "T": lambda x, y: x.T,
    "mT": lambda x, y: x.mT,
    "index": lambda x, y: x[1:, 0],
    "one entry": lambda x, y: x[0, 1],
    "negative step": lambda x, y: x[::-1, ::2],
    "reshape": lambda x, y: np.reshape(x, (-1,)),
    "transpose": lambda x, y: np.transpose(np.reshape(x, (1, 3, 3)), (2, 0, 1)),
    "broadcast_to": lambda x, y: np.broadcast_to(x, (2, 3, 3)),
    "concatenate": lambda x, y: np.concatenate([x, y, x], axis=1),
    "zeros_like": lambda x, y: np.concatenate([x, np.zeros_like(x, shape=(1, 3))]),
    "take": lambda x, y: np.take(x, INDICES, axis=1),
    "take_along_axis": lambda x, y: np.take_along_axis(x[:, :2], INDICES, axis=0),
    "where": lambda x, y: np.where(np.eye(3, dtype=bool), x, y),
    "where a scalar": lambda x, y: np.where(np.eye(3, dtype=bool), 0, y),
    "sum": lambda x, y: np.sum(x),
    "sum of rows": lambda x, y: np.sum(x, axis=-1, keepdims=True),
    "sum over axes": lambda x, y: np.sum(np.reshape(x, (3, 1, 3)), axis=(0, 2)),
    "max": lambda x, y: np.max(x),
    "max of rows": lambda x, y: np.max(x, axis=1, keepdims=True),
    "max over axes": lambda x, y: np.max(np.reshape(x, (3, 1, 3)), axis=(0, 2)),
    "matmul": lambda x, y: x @ y,
    "matmul with a vector": lambda x, y: x @ y[0],
    "vector with a matmul": lambda x, y: x[0] @ y,
    "dot": lambda x, y: x[0] @ y[0],
    "rows of a stack": lambda x, y: np.reshape(x, (3, 1, 3)) @ y,
    "stacks": lambda x, y: np.reshape(x, (3, 1, 1, 3)) @ np.broadcast_to(y, (2, 3, 3)),
    "stacks of nothing": lambda x, y: np.reshape(x, (3, 1, 1, 3))[:0] @ np.broadcast_to(y, (2, 3, 3)),
    "scalars": lambda x, y: 2 * x + 1 - y / 4,
    "integers": lambda x, y: x * np.arange(3),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_holds_what_rational_numbers_give(call: Callable[[Any, Any], Any]) -> None:
    rng = np.random.default_rng(3)
    floats = rng.standard_normal((2, 3, 3))
    exact = np.asarray(call(*np.frompyfunc(Fraction, 1, 1)(floats)), object)
    found = call(*fresh(*floats))
    assert isinstance(found, BallArray)
    assert found.shape == exact.shape
    for ball, value in zip(found.data.flat, exact.flat, strict=True):
        assert_holds(ball, value)


@pytest.mark.parametrize("axis", [0, 1])
def test_rows_that_share_an_index_are_added(axis: int) -> None:
    values = np.random.default_rng(4).standard_normal((2, 2, 2, 3))
    y = values if axis else np.moveaxis(values, 0, 2)
    exact = np.full((2, 4, 3) if axis else (4, 2, 3), Fraction(0), object)
    for place in np.ndindex(y.shape):
        row = (place[0], INDICES[place[1:3]], place[3]) if axis else (INDICES[place[:2]], *place[2:])
        exact[row] += Fraction(y[place])
    found = scatter_add(fresh(y)[0], INDICES, 4, axis)
    for ball, value in zip(found.data.flat, exact.flat, strict=True):
        assert_holds(ball, value)


# --- expressions ----------------------------------------------------------------------------------

LEAF = st.floats(-4, 4).map(lambda x: ("leaf", x))
TREES = st.recursive(
    LEAF,
    lambda trees: (
        st.tuples(st.sampled_from(["add", "subtract", "multiply", "maximum"]), trees, trees)
        | st.tuples(st.sampled_from(["tanh", "exp", "erf", "expm1", "abs"]), trees)
        | st.tuples(st.sampled_from(["log", "log1p", "sqrt"]), trees.map(lambda tree: ("abs", tree)))
    ),
    max_leaves=12,
)
EXACT = {"add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y}


def on_balls(tree: Any, run: Balls) -> BallArray:
    name, *operands = tree
    if name == "leaf":
        return balls(np.asarray(operands[0]), run)
    function = FUNCTIONS[name][0] if name in FUNCTIONS else OPERATORS[name]
    return function(*(on_balls(operand, run) for operand in operands))


def on_mpmath(tree: Any) -> Any:
    name, *operands = tree
    if name == "leaf":
        return mpf(operands[0])
    values = [on_mpmath(operand) for operand in operands]
    return max(values) if name == "maximum" else (EXACT.get(name) or FUNCTIONS[name][1])(*values)


@given(tree=TREES)
def test_an_expression_holds_what_mpmath_gives(tree: Any) -> None:
    with mpmath.workdps(1000):
        try:
            value = on_mpmath(tree)
        except (ValueError, OverflowError, ZeroDivisionError):
            return
        if not mpmath.isfinite(value) or abs(value) > mpf(10) ** 1000:
            return
        ball = on_balls(tree, Balls(PRECISION)).data.item()
        if ball.is_finite():
            low, high = ends(ball)
            known = Fraction(1, 10**100)
            assert low - known <= rational(value) <= high + known


def test_every_word_of_the_vocabulary_is_answered() -> None:
    words = {*vocabulary.FUNCTIONS, *vocabulary.OPERATORS.values()} - {"scatter_add", "erf"}
    answered = {function.__name__ for function in (*balls_module._UFUNCS, *balls_module._FUNCTIONS)}
    assert {getattr(np, word).__name__ for word in words} <= answered
