"""Case files from strangers: refused with one line and in little memory, or read."""

from __future__ import annotations

import copy
import json
import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.case import MAX_FILE, CaseError, dumps, loads, read
from reference.strict_json import VALUES, text_of
from tests.oracle.test_case import VALID, chain


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


@contextmanager
def little_memory(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def test_what_is_no_file_or_too_large_is_refused_unread(tmp_path: Path) -> None:
    """A pipe that nobody writes to is not waited for; one without a size is read no further than allowed."""
    pipe, large, endless = tmp_path / "pipe", tmp_path / "large", tmp_path / "endless"
    os.mkfifo(pipe)
    endless.symlink_to("/dev/zero")
    with large.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    for path, told in [
        (pipe, "not a regular file"),
        (endless, "not a regular file"),
        (tmp_path, "not a regular file"),
        (large, f"{MAX_FILE + 1:,} bytes; at most {MAX_FILE:,} are read"),
    ]:
        with little_memory(2**20), pytest.raises(CaseError) as caught:
            read(path)
        assert str(caught.value) == f"{path}: {told}"


def test_a_file_that_hides_its_size_is_read_to_the_limit_alone() -> None:
    with pytest.raises(ValueError, match="more than 10 bytes"):
        text_of(Path("/proc/self/status"), 10)


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
    with little_memory(2**22):
        assert "\n" not in refusal(json.dumps(record))


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
