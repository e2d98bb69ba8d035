"""Laws that every op obeys, on every row of `examples.py`, and the values at the edges."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import numpy as np
import pytest

from reference.op import Op, ShapeError, op_class, op_names
from tests.reference.example import Example, row
from tests.reference.examples import EDGES, EXAMPLES, REFUSED

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as in `forward_pass`: ∞ is a value
DTYPES = {"index": int, "mask": bool}
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(op: Op, inputs: list[Any], cotangents: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """Outputs, and one cotangent for every input (None for what is left out or has no gradient)."""
    outputs, residuals = op.forward(*inputs)
    shares = op.vjp(residuals, *cotangents)
    assert all(share is None for share in shares[len(inputs) :])
    return outputs, [share for share, _ in zip_longest(shares[: len(inputs)], inputs)]


def test_every_op_has_an_example() -> None:
    assert {example.op.name for example in EXAMPLES} == set(op_names())


@every_example
def test_infer_agrees_with_forward(example: Example) -> None:
    outputs, _ = example.op.forward(*example.inputs(np.float64))
    assert tuple(np.shape(y) for y in outputs) == example.op.infer(*example.shapes)


@every_example
@every_dtype
def test_dtype_is_preserved(example: Example, dtype: Any) -> None:
    outputs, shares = run(example.op, example.inputs(dtype), example.cotangents(dtype))
    assert {array.dtype for array in (*outputs, *shares) if array is not None} == {np.dtype(dtype)}


@every_example
def test_every_floating_input_gets_a_cotangent_of_its_own_shape(example: Example) -> None:
    _, shares = run(example.op, example.inputs(np.float64), example.cotangents(np.float64))
    names = example.op.signature()
    for position, (shape, share) in enumerate(zip(example.shapes, shares, strict=True)):
        has_none = shape is None or names.name(position) in example.op.kinds
        assert share is None if has_none else np.shape(share) == shape


@every_example
def test_vjp_ignores_the_cotangent_of_a_constant_output(example: Example) -> None:
    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    constant = set(example.op.constant_outputs) & set(range(len(cotangents)))  # some attributes give fewer
    assert len(constant) < len(cotangents)
    others = list(cotangents)
    for place in constant:
        others[place] = np.ones_like(cotangents[place])
    for zeros, ones in zip(
        run(example.op, inputs, cotangents)[1], run(example.op, inputs, others)[1], strict=True
    ):
        np.testing.assert_array_equal(zeros, ones)


@every_example
def test_inputs_and_cotangents_are_not_modified(example: Example) -> None:
    arrays = [*example.inputs(np.float64), *example.cotangents(np.float64)]
    for array in arrays:
        if array is not None:
            array.setflags(write=False)  # writing raises
    run(example.op, arrays[: len(example.shapes)], arrays[len(example.shapes) :])


@every_example
def test_rules_keep_no_state(example: Example) -> None:
    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    _, residuals = example.op.forward(*inputs)
    first = [np.array(share) for share in example.op.vjp(residuals, *cotangents)]
    example.op.vjp(residuals, *example.cotangents(np.float64, seed=7))
    example.op.forward(*example.inputs(np.float64, seed=8))
    for before, after in zip(first, example.op.vjp(residuals, *cotangents), strict=True):
        np.testing.assert_array_equal(before, np.array(after))


@every_example
def test_vjp_scales_exactly_with_the_cotangent(example: Example) -> None:
    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    _, once = run(example.op, inputs, cotangents)
    _, scaled = run(example.op, inputs, [-4 * y_bar for y_bar in cotangents])  # a power of two: no rounding
    for one, four in zip(once, scaled, strict=True):
        if one is not None:
            np.testing.assert_array_equal(-4 * one, four)


@every_example
def test_vjp_is_additive_in_the_cotangent(example: Example) -> None:
    inputs = example.inputs(np.float64)
    left, right = example.cotangents(np.float64, seed=1), example.cotangents(np.float64, seed=2)
    both = [a + b for a, b in zip(left, right, strict=True)]
    shares = [run(example.op, inputs, cotangents)[1] for cotangents in (left, right, both)]
    for a, b, a_plus_b in zip(*shares, strict=True):
        if a is not None and a.size:  # a few roundings of numbers up to this size; no op has 64 in a row
            size = np.max(np.abs(a)) + np.max(np.abs(b)) + np.max(np.abs(a_plus_b))
            np.testing.assert_array_less(
                np.abs(a + b - a_plus_b), 64 * np.finfo(np.float64).eps * size + 1e-300
            )


# --- the derivative ----------------------------------------------------------------------------


def assert_is_derivative(
    example: Example, shares: list[Any], inputs: list[Any], cotangents: list[Any]
) -> None:
    """Hold a vjp against central differences of l = Σ ȳ f(x), entry by entry, mostly in extended precision.

    D(h) = (l(x + h) − l(x − h)) / 2h has the error h² l‴/6 + O(h⁴), so (4 D(h/2) − D(h)) / 3 has only
    the O(h⁴) left.  What the step removed, |D(h) − D(h/2)|, bounds what remains; it and the rounding of l
    are the tolerance.  The vjp has no part in it, and it must itself be small, or nothing was tested.  Where
    another gradient than the derivative is documented, it is the derivative times the factor that is stated.
    """
    eps = np.finfo(cotangents[0].dtype).eps
    h = np.longdouble(2) ** round(np.log2(float(eps)) / 4)  # h² ≈ √eps, eps/h is smaller

    def loss() -> Any:
        outputs, _ = example.op.forward(*inputs)
        return sum(np.sum(y_bar * y) for y_bar, y in zip(cotangents, outputs, strict=True))

    outputs, _ = example.op.forward(*inputs)
    size = sum(float(np.sum(np.abs(c * y))) for c, y in zip(cotangents, outputs, strict=True)) + 1
    factors = example.op.documented(*inputs)
    for x, share, factor in zip_longest(inputs, shares, factors):
        if share is None:
            continue
        counts = np.broadcast_to(1 if factor is None else factor[0] / factor[1], x.shape)
        for entry in np.ndindex(x.shape):
            centre, sides = x[entry], {}
            for step in (h, -h, h / 2, -h / 2):
                x[entry] = centre + step
                sides[step] = loss()
            x[entry] = centre
            wide, narrow = (sides[h] - sides[-h]) / (2 * h), (sides[h / 2] - sides[-h / 2]) / h
            tolerance = abs(wide - narrow) + 64 * eps * size / h
            assert tolerance < 64 * np.sqrt(eps) * size, "a kink lies within h: draw other values"
            slope = (4 * narrow - wide) / 3 * counts[entry]
            assert abs(slope - share[entry]) <= tolerance, (entry, narrow, share[entry])


@every_example
def test_vjp_is_the_derivative_of_forward(example: Example) -> None:
    dtype = np.float64 if example.op == op_class("gelu")() else np.longdouble  # scipy.special.erf ends there
    inputs, cotangents = example.inputs(dtype), example.cotangents(dtype)
    _, shares = run(example.op, inputs, cotangents)
    assert_is_derivative(example, shares, inputs, cotangents)


def test_the_derivative_test_can_fail() -> None:
    example = row("softmax", (3, 4))
    inputs, cotangents = example.inputs(np.longdouble), example.cotangents(np.longdouble)
    _, (share,) = run(example.op, inputs, cotangents)
    share[1, 2] *= 1 + 2**-16  # one entry of twelve, and by little
    with pytest.raises(AssertionError):
        assert_is_derivative(example, [share], inputs, cotangents)


# --- edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES.keys())
def test_edge(edge: tuple[Any, ...]) -> None:
    example, inputs, y_bar, y, shares = edge
    names, kinds = example.op.signature(), example.op.kinds
    dtypes = [DTYPES.get(kinds.get(names.name(position), ""), float) for position in range(len(inputs))]
    arrays = [None if x is None else np.asarray(x, dtype) for x, dtype in zip(inputs, dtypes, strict=True)]
    bars = y_bar if isinstance(y_bar, tuple) else (y_bar,)
    outputs, found = run(example.op, arrays, [np.asarray(bar, float) for bar in bars])
    for output, wanted in zip(outputs, y if isinstance(y, tuple) else (y,), strict=True):
        np.testing.assert_array_equal(output, wanted)
    for share, wanted in zip(found, shares, strict=True):
        assert (share is None) == (wanted is None)
        if wanted is not None:
            np.testing.assert_array_equal(share, wanted)


@pytest.mark.parametrize(("example", "message"), REFUSED, ids=lambda value: str(value))
def test_shapes_that_do_not_fit_are_refused_by_op_argument_and_shape(example: Example, message: str) -> None:
    with pytest.raises(ShapeError) as refusal:
        example.op.infer(*example.shapes)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize("target", [-1, 3])
def test_a_class_that_does_not_exist_is_refused(target: int) -> None:
    with pytest.raises(IndexError, match=r"cross_entropy: target holds a class outside 0 … 2"):
        op_class("cross_entropy")().forward(np.zeros((1, 3)), np.array([target]))
