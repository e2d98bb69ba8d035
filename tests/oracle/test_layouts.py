"""Layouts: the same values at other addresses."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from oracle.layouts import LAYOUTS, arrange

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
ARRAYS = st.sampled_from(["float32", "float64", "int64", "bool"]).flatmap(
    lambda dtype: hnp.arrays(dtype, SHAPES, fill=st.nothing())
)


def repeated(values: Any) -> Any:
    """Values that can be expanded: all slices along the first axis are the first one."""
    return np.array(np.broadcast_to(values[:1], values.shape)) if values.ndim else values


def arranged(values: Any, layout: str) -> tuple[Any, Any]:
    """Values that the layout can hold, and the same in that layout."""
    given_ = repeated(values) if layout == "expanded" else values
    return given_, arrange(given_, layout)


def same_bits(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and np.array(a, order="C").tobytes() == b.tobytes()


@given(ARRAYS, st.sampled_from(LAYOUTS))
def test_values_shape_and_dtype_are_equal_to_the_bit(values: Any, layout: str) -> None:
    source, found = arranged(values, layout)
    assert same_bits(source, found)


@given(ARRAYS, st.sampled_from(LAYOUTS))
def test_a_layout_is_writeable_and_owns_its_memory(values: Any, layout: str) -> None:
    source, found = arranged(values, layout)
    before = source.tobytes()
    assert found.flags.writeable
    if found.size:
        found[...] = np.ones((), found.dtype) + np.ones((), found.dtype)
    if layout != "transposed":  # see below
        assert source.tobytes() == before


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_transposed_copy_shares_no_memory(order: Any) -> None:
    values = np.ones(4) if order == "C" else np.ones((2, 3), order="F")
    assert not np.shares_memory(arrange(values, "transposed"), values)


@given(ARRAYS, st.sampled_from(LAYOUTS))
def test_an_arranged_array_can_be_arranged_again(values: Any, layout: str) -> None:
    source, found = arranged(values, layout)
    for other in LAYOUTS[:-1]:
        assert same_bits(source, arrange(found, other))


@given(hnp.arrays("float64", hnp.array_shapes(min_dims=1, max_dims=4, min_side=2, max_side=5)))
def test_strides_are_as_promised(values: Any) -> None:
    item = values.itemsize
    assert arrange(values, "contiguous").flags.c_contiguous
    transposed = arrange(values, "transposed")
    assert transposed.flags.f_contiguous
    assert transposed.ndim == 1 or not transposed.flags.c_contiguous
    strided = arrange(values, "strided")
    assert strided.strides[-1] == 2 * item
    assert not strided.flags.c_contiguous
    offset = arrange(values, "offset")
    assert offset.flags.c_contiguous
    assert offset.ctypes.data % (2 * item) == item
    expanded = arrange(repeated(values), "expanded")
    assert expanded.strides[0] == 0
    assert all(expanded.strides[1:])


@given(ARRAYS, st.sampled_from(LAYOUTS))
def test_torch_takes_every_layout_without_a_warning_or_a_copy(values: Any, layout: str) -> None:
    _, found = arranged(values, layout)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tensor = torch.from_numpy(found)
    assert same_bits(found, tensor.numpy())
    if found.size and found.ndim:
        assert tensor.data_ptr() == found.ctypes.data
        assert [stride * found.itemsize for stride in tensor.stride()] == [*found.strides]


def test_strides_are_never_negative() -> None:
    values = np.arange(24.0).reshape(2, 3, 4)[::-1, :, ::-1]
    for layout in LAYOUTS[:-1]:
        assert min(arrange(values, layout).strides) > 0


@pytest.mark.parametrize("values", [np.array([1.0, 2.0]), np.array([[1.0, 2.0], [1.0, np.nan]])])
def test_values_that_differ_along_the_first_axis_cannot_be_expanded(values: Any) -> None:
    with pytest.raises(ValueError, match="expanded"):
        arrange(values, "expanded")


def test_nan_can_be_expanded() -> None:
    assert np.isnan(arrange(np.full((3, 2), np.nan), "expanded")).all()


def test_slices_that_differ_in_the_sign_of_zero_are_refused_or_kept() -> None:
    values = np.array([[0.0], [-0.0]])
    try:
        found = arrange(values, "expanded")
    except ValueError:
        return
    assert np.signbit(found).tolist() == np.signbit(values).tolist()


def test_an_unknown_layout_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="diagonal"):
        arrange(np.ones(2), "diagonal")
