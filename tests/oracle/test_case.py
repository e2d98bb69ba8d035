"""Cases: written and read to the last bit, and hostile files refused with one line."""

from __future__ import annotations

import copy
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.case import DTYPES, Case, CaseError, Origin, dumps, loads, read
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.layouts import LAYOUTS, arrange
from reference.architecture import Architecture, Leaf
from reference.strict_json import VALUES
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


def refusal(text: str) -> str:
    with pytest.raises(CaseError) as caught:
        loads(text)
    return str(caught.value)


def changed(*path: Any, value: Any) -> str:
    """The valid file with one value replaced."""
    record = copy.deepcopy(VALID)
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(record)


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


# --- hostile files ---------------------------------------------------------------------------

X = VALID["leaves"]["x"]
HOSTILE = {
    "empty": "",
    "no JSON": "{",
    "a number": "3",
    "a list": "[]",
    "deep": "[" * 100_000,
    "a long integer": "9" * 10_000,
    "pickle": "\x80\x04K\x01.",
    "nan token": '{"format": NaN}',
    "another format": changed("format", value="backprop-oracle case 2"),
    "format is a list": changed("format", value=[]),
    "unknown key": changed("extra", value=1),
    "dtype": changed("dtype", value="float16"),
    "dtype is a list": changed("dtype", value=["float64"]),
    "architecture is null": changed("architecture", value=None),
    "unknown op": changed("architecture", "nodes", "a", "op", value="os.system"),
    "cycle": changed("architecture", "nodes", "a", "inputs", value=["a", "w"]),
    "huge leaf": changed("architecture", "leaves", "x", "shape", value=[2**40, 2**40]),
    "negative leaf": changed("architecture", "leaves", "x", "shape", value=[-2, 3]),
    "leaves is a list": changed("leaves", value=[]),
    "a leaf missing": changed("leaves", value={"x": X}),
    "a leaf too many": changed("leaves", "stranger", value=X),
    "cotangent of an inner wire": changed("cotangents", "a", value=X),
    "a leaf is null": changed("leaves", "x", value=None),
    "an entry without hex": changed("leaves", "x", value={"shape": [2, 3], "layout": "contiguous"}),
    "another shape": changed("leaves", "x", "shape", value=[3, 2]),
    "shape is null": changed("leaves", "x", "shape", value=None),
    "unknown layout": changed("leaves", "x", "layout", value="fortran"),
    "layout is an object": changed("leaves", "x", "layout", value={}),
    "hex too short": changed("leaves", "x", "hex", value=X["hex"][2:]),
    "hex too long": changed("leaves", "x", "hex", value=X["hex"] + "00"),
    "hex odd": changed("leaves", "x", "hex", value=X["hex"][1:]),
    "hex is no hex": changed("leaves", "x", "hex", value="zz" * 48),
    "hex not ASCII": changed("leaves", "x", "hex", value="é" * 96),
    "hex is a number": changed("leaves", "x", "hex", value=48),
    "expanded with different slices": changed("leaves", "x", "layout", value="expanded"),
    "index out of bounds": changed("leaves", "t", "hex", value="03" + "00" * 15),
    "negative index": changed("leaves", "t", "hex", value="ff" * 8 + "00" * 8),
    "origin is a string": changed("origin", value="here"),
    "origin without seed": changed("origin", value={}),
    "origin of another type": changed("origin", "index", value=True),
    "origin of a float": changed("origin", "seed", value=1.0),
    "origin with numbers for ops": changed("origin", "ops", value=[1]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_one_line(name: str) -> None:
    message = refusal(HOSTILE[name])
    assert message
    assert "\n" not in message
    assert len(message) < 1000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("another shape", ("leaves: x", "[3, 2]", "[2, 3]")),
        ("hex too short", ("leaves: x", "47", "48")),
        ("index out of bounds", ("leaves: t", "2")),
        ("unknown layout", ("leaves: x", "contiguous")),
        ("unknown op", ("node a", "os.system")),
    ],
)
def test_a_refusal_says_where_and_what(name: str, words: tuple[str, ...]) -> None:
    message = refusal(HOSTILE[name])
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    "shape", ["two\nlines", "\x1b[2J", list(range(10**4))], ids=["lines", "escape", "long"]
)
def test_a_refusal_does_not_repeat_what_the_file_says_unquoted(shape: Any) -> None:
    message = refusal(changed("leaves", "x", "shape", value=shape))
    assert message.isprintable()
    assert len(message) < 1000


@pytest.mark.parametrize(
    ("key", "value"),
    [("dtype", "float64\n\x1b[2Jagree"), ("profile", "../../etc"), ("dtype", "float32"), ("index", -1)],
)
def test_an_origin_that_no_campaign_could_have_is_refused(key: str, value: Any) -> None:
    refusal(changed("origin", key, value=value))


def test_a_key_that_is_given_twice_is_refused() -> None:
    text = json.dumps(VALID)
    refusal(text.replace('"dtype": "float64"', '"dtype": "float32", "dtype": "float64"', 1))


def test_an_output_that_is_not_differentiable_has_the_cotangent_zero() -> None:
    constant = json.loads(dumps(chain("float64", [1.0, 2.0])))
    constant["architecture"]["leaves"]["x"]["kind"] = "state"
    assert "y is not differentiable: its cotangent is 0" in refusal(json.dumps(constant))
    constant["cotangents"]["y"]["hex"] = "00" * 16
    assert loads(json.dumps(constant)).architecture.differentiable == set()


def test_a_mask_holds_truth_values_alone() -> None:
    masked = json.loads(dumps(chain("float64", [1.0, 2.0])))
    masked["architecture"]["leaves"]["x"]["kind"] = "mask"
    masked["leaves"]["x"]["hex"] = "0100"
    assert "\n" not in refusal(json.dumps(masked))  # tanh takes no mask
    masked["leaves"]["x"]["hex"] = "0102"
    refusal(json.dumps(masked))


@pytest.mark.parametrize(
    ("op", "attributes", "shape"),
    [
        ("split", {"dim": 0, "split_size_or_sections": 1}, [2**26]),
        ("chunk", {"dim": 0, "chunks": 2**26}, [2**26]),
        ("chunk", {"dim": 0, "chunks": 2**62}, [0]),
        ("unbind", {"dim": 0}, [2**26]),
        ("split", {"dim": 0, "split_size_or_sections": 2**62}, [2**62]),
    ],
)
def test_a_small_file_that_asks_for_much_is_refused_in_little_memory(
    op: str, attributes: dict[str, Any], shape: list[int]
) -> None:
    record = copy.deepcopy(VALID)
    record["architecture"] = {
        "leaves": {"x": {"kind": "input", "shape": shape}},
        "nodes": {"y": {"op": op, "attributes": attributes, "inputs": ["x"]}},
        "outputs": ["y"],
    }
    tracemalloc.start()
    try:
        assert "\n" not in refusal(json.dumps(record))
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JUNK = st.recursive(
    LEAVES
    | st.sampled_from([2**63, 2**64, -(2**70), 1e400, "", "00", "x", "y", "tanh", "float32", "expanded"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """The way to every value of a JSON document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


PATHS = [path for path in paths(VALID) if path]


@given(st.data())
def test_whatever_is_changed_in_a_file_it_is_read_or_refused(data: Any) -> None:
    record = copy.deepcopy(VALID)
    for path in data.draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        place = record
        try:
            for key in path[:-1]:
                place = place[key]
            how = data.draw(st.sampled_from(["replace", "remove", "rename", "swap"]))
            if how == "remove":
                del place[path[-1]]
            elif how == "rename":
                place[data.draw(st.text(max_size=5))] = place.pop(path[-1])
            elif how == "swap":
                place[path[-1]] = copy.deepcopy(VALID[data.draw(st.sampled_from(sorted(VALID)))])
            else:
                place[path[-1]] = data.draw(JUNK)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier change took that place away
    try:
        case = loads(json.dumps(record))
    except CaseError:
        return
    assert dumps(loads(dumps(case))) == dumps(case)
    assert {*case.leaves} == {*case.architecture.leaves}


@given(st.data())
def test_whatever_is_cut_or_overwritten_in_the_text_it_is_read_or_refused(data: Any) -> None:
    text = json.dumps(VALID)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 20, len(text))))
    with suppress(CaseError):
        loads(text[:start] + data.draw(st.text(max_size=6)) + text[end:])


@pytest.mark.parametrize("piece", ["[],", "1,", '{"a":[],"b":[]},'])
def test_a_small_file_does_not_become_a_large_object(piece: str) -> None:
    """A list of nothing takes twenty times as much memory as it does in the file."""
    with pytest.raises(CaseError, match="more than 4,194,304 values"):
        loads("[" + piece * VALUES + "1]")


@given(st.text(max_size=60) | st.recursive(LEAVES, st.lists).map(json.dumps))
def test_no_text_makes_a_traceback(text: str) -> None:
    with pytest.raises(CaseError):
        loads(text)
