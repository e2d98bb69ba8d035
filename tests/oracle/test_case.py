"""Cases: written and read to the last bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.case import DTYPES, MAX_ENTRIES, Case, CaseError, Origin, dumps, loads, read
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile, profile_names
from oracle.layouts import LAYOUTS, arrange
from reference.architecture import Architecture, Leaf
from tests.oracle.planted import node

BOTH = pytest.mark.parametrize("dtype", DTYPES)
WORDS = {"float32": np.uint32, "float64": np.uint64}
SPECIAL = [0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 5e-324, 1e-45, 1e-310, 1e308, 2.0**-126, np.pi]


def bits(array: Any) -> bytes:
    return np.array(array, order="C").tobytes()


def chain(dtype: str, x: Any, layout: str = "contiguous") -> Case:
    """tanh of one input of any values."""
    values = np.asarray(x, dtype)
    network = Architecture({"x": Leaf("input", values.shape)}, {"y": node("tanh", "x")}, ("y",))
    return Case(
        network,
        dtype,
        {"x": arrange(values, layout)},
        {"y": arrange(values, "contiguous")},
        {"x": layout, "y": "contiguous"},
    )


def all_kinds() -> Case:
    """Parameters, an index, several layouts, and where it came from."""
    network = Architecture(
        {"x": Leaf("input", (2, 3)), "w": Leaf("parameter", (3,)), "t": Leaf("index", (2,), 3)},
        {
            "a": node("multiply", "x", "w"),
            "s": node("softplus", "a", beta=1.7, threshold=7.3),
            "l": node("cross_entropy", "s", "t", reduction="none"),
            "r": node("sum", "a", dim=(0,), keepdim=False),
        },
        ("l", "r"),
    )
    leaves = {
        "x": arrange(np.array([[0.1, -2.0, 3.5], [1.5, 0.0, -0.25]]), "transposed"),
        "w": arrange(np.array([0.3, 0.3, 0.3]), "expanded"),
        "t": np.array([2, 0]),
    }
    cotangents = {"l": np.array([0.7, -0.1]), "r": arrange(np.array([1.0, 2.0, 0.5]), "strided")}
    layouts = {"x": "transposed", "w": "expanded", "t": "contiguous", "l": "contiguous", "r": "strided"}
    return Case(network, "float64", leaves, cotangents, layouts, Origin(5, 1, "none", ("sum",), "float64", 3))


VALID = json.loads(dumps(all_kinds()))


# --- there and back --------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "expanded"])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_special_values_come_back_to_the_bit(dtype: str, layout: str) -> None:
    case = chain(dtype, np.array([SPECIAL, SPECIAL[::-1]]), layout)
    again = loads(dumps(case))
    assert bits(again.leaves["x"]) == bits(case.leaves["x"])
    assert again.leaves["x"].strides == case.leaves["x"].strides
    assert again.leaves["x"].dtype == dtype


@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 2**64 - 1), max_size=8), st.integers(0, 1))
def test_any_bits_come_back(dtype: str, words: list[int], axes: int) -> None:
    """Signalling NaN and their payloads included."""
    values = np.array([word % 2 ** (32 if dtype == "float32" else 64) for word in words], WORDS[dtype])
    case = chain(dtype, values.view(dtype).reshape((len(words), 1) if axes else (len(words),)))
    assert bits(loads(dumps(case)).leaves["x"]) == bits(values)


@given(st.integers(0, 2**32), st.sampled_from(DTYPES))
def test_a_drawn_case_comes_back_as_it_was(seed: int, dtype: str) -> None:
    case = draw_case(seed, dtype, seed % 1000, load_profile("median-small"))
    text = dumps(case)
    again = loads(text)
    assert dumps(again) == text
    assert again.architecture == case.architecture
    assert again.architecture.identity == case.architecture.identity
    assert (again.origin, again.case_id, again.dtype) == (case.origin, case.case_id, dtype)
    assert again.layouts == case.layouts
    for ours, theirs in ((case.leaves, again.leaves), (case.cotangents, again.cotangents)):
        assert ours.keys() == theirs.keys()
        for name, array in ours.items():
            assert theirs[name].shape == array.shape
            assert theirs[name].dtype == array.dtype
            if array.size:  # the strides of nothing mean nothing
                assert theirs[name].strides == array.strides
            assert bits(theirs[name]) == bits(array)


def test_a_case_is_plain_json_without_nan_tokens() -> None:
    def refuse(token: str) -> None:
        raise AssertionError(token)

    json.loads(dumps(chain("float64", SPECIAL)), parse_constant=refuse)


def test_a_case_without_origin_is_called_a_file() -> None:
    case = loads(dumps(chain("float32", [1.0])))
    assert case.origin is None
    assert case.case_id == "file"


def test_empty_and_0_d_arrays_come_back() -> None:
    for x in (np.zeros((0, 3)), np.zeros(()), np.zeros((2, 0))):
        assert loads(dumps(chain("float64", x))).leaves["x"].shape == x.shape


def test_another_dtype_keeps_values_layouts_and_indices() -> None:
    case = all_kinds()
    narrow = case.astype("float32")
    assert narrow.dtype == "float32"
    assert narrow.leaves["t"].dtype == np.int64
    for name, array in (*narrow.leaves.items(), *narrow.cotangents.items()):
        wide = case.leaves.get(name, case.cotangents.get(name))
        assert wide is not None
        np.testing.assert_array_equal(array, wide.astype(array.dtype))
        assert [s / array.itemsize for s in array.strides] == [s / wide.itemsize for s in wide.strides]
    exact = chain("float32", [0.1, np.inf, -0.0]).astype("float64").astype("float32")
    assert bits(exact.leaves["x"]) == bits(np.array([0.1, np.inf, -0.0], "float32"))


# --- files -----------------------------------------------------------------------------------


def test_a_file_is_read_like_its_text(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(dumps(all_kinds()))
    assert dumps(read(path)) == dumps(all_kinds())


def test_what_cannot_be_read_is_refused_with_its_path(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x80\xff\x00")
    broken = tmp_path / "broken"
    broken.write_text("{")
    for path in (tmp_path / "gone.json", tmp_path, binary, broken):
        with pytest.raises(CaseError) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_largest_file_holds_the_largest_case_that_is_drawn() -> None:
    """A node has at most one wire of the largest size, and a weight."""
    for name in profile_names():
        profile = load_profile(name)
        assert profile.depth * (profile.elements_large + profile.weights) <= MAX_ENTRIES
