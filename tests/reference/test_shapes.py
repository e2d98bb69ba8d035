"""Padding and dilation: where the entries go, and that slicing is their adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference.shapes import dilate, pad_zeros

SHAPES = [(5,), (1,), (0,), (3, 4), (2, 0, 3), (2, 3, 5)]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
every_step = pytest.mark.parametrize("step", [1, 2, 3, 7])


def draw(shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
    return np.asarray(np.random.default_rng(0).standard_normal(shape), dtype)


@every_shape
@pytest.mark.parametrize("pads", [(0, 0), (2, 0), (0, 1), (3, 2)])
def test_padding_is_numpys(shape: tuple[int, ...], pads: tuple[int, int]) -> None:
    x = draw(shape)
    np.testing.assert_array_equal(pad_zeros(x, (pads,) * x.ndim), np.pad(x, pads))


def test_padding_leaves_the_axes_that_are_not_named() -> None:
    assert pad_zeros(draw((2, 3)), ((1, 1),)).shape == (4, 3)


@every_shape
@every_step
def test_dilation_puts_entries_a_step_apart_and_zeros_between(shape: tuple[int, ...], step: int) -> None:
    x = draw(shape)
    for axis, n in enumerate(shape):
        y = np.moveaxis(dilate(x, axis, step), axis, 0)
        assert len(y) == max((n - 1) * step + 1, 0)
        np.testing.assert_array_equal(y[::step], np.moveaxis(x, axis, 0))
        assert not any(np.any(y[offset::step]) for offset in range(1, step))


@every_step
@pytest.mark.parametrize("start", [0, 1, 4])
def test_dilation_and_padding_are_the_adjoint_of_a_slice(start: int, step: int) -> None:
    x = draw((2, 9, 3))
    y = x[:, start::step]
    y_bar = np.random.default_rng(1).standard_normal(y.shape)
    spread = dilate(y_bar, 1, step)
    x_bar = pad_zeros(spread, ((0, 0), (start, 9 - start - spread.shape[1])))
    assert np.sum(x_bar * x) == pytest.approx(np.sum(y_bar * y), rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype: Any) -> None:
    assert pad_zeros(draw((3,), dtype), ((1, 2),)).dtype == dtype
    assert dilate(draw((3,), dtype), 0, 2).dtype == dtype
