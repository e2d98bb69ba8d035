"""An architecture is its canonical text, and whatever is not one is refused in one line."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import architecture, graph
from reference.architecture import Architecture, ArchitectureError, Leaf, Node, from_json, loads
from reference.op import op_class
from tests.reference.networks import architectures


def perceptron() -> dict[str, Any]:
    """Two layers, tied weights, a loss; as JSON values, to be spoiled."""
    return {
        "leaves": {
            "x": {"kind": "input", "shape": [4, 3]},
            "w": {"kind": "parameter", "shape": [3, 3]},
            "b": {"kind": "parameter", "shape": [3]},
            "t": {"kind": "index", "shape": [4], "bound": 3},
        },
        "nodes": {
            "h": {"op": "linear", "attributes": {}, "inputs": ["x", "w", "b"]},
            "a": {
                "op": "softplus",
                "attributes": {"beta": (1.0).hex(), "threshold": (20.0).hex()},
                "inputs": ["h"],
            },
            "y": {"op": "linear", "attributes": {}, "inputs": ["a", "w", None]},
            "p": {"op": "softmax", "attributes": {"dim": -1}, "inputs": ["y"]},
            "l": {
                "op": "cross_entropy",
                "attributes": {"ignore_index": -100, "label_smoothing": (0.0).hex(), "reduction": "mean"},
                "inputs": ["y", "t"],
            },
        },
        "outputs": ["l", "p"],
    }


# --- text and identity ---------------------------------------------------------------------------


@given(architectures())
def test_a_network_survives_its_text_exactly(net: Architecture) -> None:
    again = loads(net.dumps())
    assert again == net
    assert (again.dumps(), again.identity, again.order) == (net.dumps(), net.identity, net.order)
    assert (again.shapes, again.wires) == (net.shapes, net.wires)


@given(architectures(), st.randoms(use_true_random=False))
def test_identity_does_not_depend_on_the_order_of_keys(net: Architecture, rng: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: shuffled(value[key]) for key in rng.sample(sorted(value), len(value))}

    again = from_json(shuffled(net.to_json()))
    assert again.identity == net.identity
    assert again.order == net.order


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("leaves", "x", "kind"), "parameter"),
        (("leaves", "t", "bound"), 4),
        (("nodes", "a", "attributes", "beta"), (1.0 + 2**-52).hex()),
        (("nodes", "p", "attributes", "dim"), 1),
        (("nodes", "h", "inputs"), ["x", "w", None]),
        (("nodes", "p", "inputs"), ["a"]),
        (("outputs",), ["p", "l", "extra"]),
    ],
    ids=lambda value: str(value),
)
def test_identity_changes_with_whatever_means_something(path: tuple[str, ...], value: Any) -> None:
    changed = perceptron()
    changed["nodes"]["extra"] = {"op": "linear", "attributes": {}, "inputs": ["x", "w", "b"]}
    changed["outputs"].append("extra")  # so that no leaf becomes unused
    before = from_json(changed).identity
    *parents, last = path
    place: Any = changed
    for key in parents:
        place = place[key]
    place[last] = value
    assert from_json(changed).identity != before


def test_nodes_run_after_what_feeds_them_and_by_name_where_that_leaves_a_choice() -> None:
    assert from_json(perceptron()).order == ("h", "a", "y", "l", "p")


def test_shapes_of_all_wires_are_known() -> None:
    shapes = from_json(perceptron()).shapes
    assert (shapes["h"], shapes["p"], shapes["l"]) == ((4, 3), (4, 3), ())


# --- what is refused -------------------------------------------------------------------------------

DELETE = "(left out)"
MALFORMED = [  # where, what stands there instead, the message
    ("outputs", DELETE, "architecture: outputs is missing"),
    ("extra", 1, "architecture: unknown key 'extra'"),
    ("leaves", [], "leaves: needs an object, not []"),
    ("nodes h", 3, "node h: needs an object, not 3"),
    ("nodes h\n", 3, r"node 'h\n': needs an object, not 3"),
    ("leaves x\n", 3, r"leaf 'x\n': needs an object, not 3"),
    ("nodes h op", "linaer", 'node h: unknown op "linaer"; `ops` lists the known ones'),
    ("nodes h op", "_reduction", 'node h: unknown op "_reduction"; `ops` lists the known ones'),
    ("nodes h op", ["linear"], 'node h: unknown op ["linear"]; `ops` lists the known ones'),
    ("nodes h inputs", "x", "node h: inputs needs a list of names of wires"),
    ("nodes h inputs", ["x", 1], "node h: inputs needs a list of names of wires"),
    ("nodes h state", 1, "node h: unknown key 'state'"),
    ("nodes h attributes", DELETE, "node h: attributes is missing"),
    ("nodes h attributes", {"bias": True}, "node h: attributes: unknown key 'bias'"),
    ("nodes a attributes beta", DELETE, "node a: attributes: beta is missing"),
    ("nodes a attributes beta", 1.0, "node a: softplus.beta: write 1.0 as the exact float.hex() text"),
    ("nodes a attributes beta", "1.0", 'node a: softplus.beta: "1.0" is not canonical; write \'0x1.0'),
    ("nodes a attributes beta", "0x1p0", 'node a: softplus.beta: "0x1p0" is not canonical; write'),
    ("nodes a attributes beta", "0x1p9999", 'node a: softplus.beta: "0x1p9999" is not a hexadecimal float'),
    ("nodes a attributes beta", "one", 'node a: softplus.beta: "one" is not a hexadecimal float'),
    ("nodes a attributes beta", None, "node a: softplus.beta: null is not a hexadecimal float"),
    ("nodes a attributes beta", "nan", "node a: softplus.beta: NaN equals nothing, and is no attribute"),
    ("nodes p attributes dim", True, "node p: softmax.dim: true is not int"),
    ("nodes p attributes dim", -1.0, "node p: softmax.dim: -1.0 is not int"),
    ("nodes p attributes dim", 2**63, "node p: softmax.dim: 9223372036854775808 is not int"),
    ("nodes p attributes dim", 2, "node p: softmax: z of shape (4, 3) has no axis dim=2"),
    ("nodes l attributes reduction", "max", "node l: cross_entropy.reduction: \"max\" is not Literal['none'"),
    ("nodes l attributes reduction", ["mean"], 'node l: cross_entropy.reduction: ["mean"] is not Literal'),
    ("leaves x kind", "weight", 'leaf x: kind is "weight"; one of parameter, input, index, mask, state'),
    ("leaves x kind", {}, "leaf x: kind is {}; one of"),
    ("leaves x shape", 4, "leaf x: shape: 4 is not tuple[int, ...]"),
    ("leaves x shape", [4, 3.0], "leaf x: shape: 3.0 is not int"),
    ("leaves x shape", [1] * 33, "leaf x: shape: [1, 1"),
    ("leaves x shape", [-4, 3], "leaf x: shape (-4, 3) is negative or has over 32 axes"),
    ("leaves x bound", 3, "leaf x: an index, and nothing else, has a bound of at least 1"),
    ("leaves t bound", DELETE, "leaf t: an index, and nothing else, has a bound of at least 1"),
    ("leaves t bound", 0, "leaf t: an index, and nothing else, has a bound of at least 1"),
    ("leaves t bound", "3", 'leaf t: bound: "3" is not int'),
    ("leaves x\n", {"kind": "input", "shape": []}, r"'x\n': not a name; use letters, digits and _"),
    ("leaves x:1", {"kind": "input", "shape": []}, "'x:1': not a name"),
    ("leaves h", {"kind": "input", "shape": []}, "h: both a leaf and a node have this name"),
    ("leaves u", {"kind": "input", "shape": []}, "u: reaches no output; remove it, or list it in outputs"),
    ("leaves w shape", [3, 2], "node h: linear: weight of shape (3, 2) does not fit x of shape (4, 3)"),
    ("nodes h inputs", ["x", "w", "v"], "node h: input v is neither a leaf nor a node's output"),
    ("nodes h inputs", ["x", "w", "b\n"], r"node h: input 'b\n' is neither a leaf nor a node's output"),
    ("nodes h inputs", ["x", "w", "y"], "nodes: a cycle passes through a, h, l, p, y"),
    ("nodes h inputs", ["h", "w", "b"], "nodes: a cycle passes through a, h, l, p, y"),
    ("nodes p inputs", ["y:1"], "node p: z is y:1, a wire that nothing drives"),
    ("nodes p inputs", ["x:0"], "node p: z is x:0, a wire that nothing drives"),
    ("nodes p inputs", [], "node p: softmax takes (z), 0 inputs are given"),
    ("nodes p inputs", ["y", "x"], "node p: softmax takes (z), 2 inputs are given"),
    ("nodes p inputs", [None], "node p: z cannot be left out"),
    ("nodes p inputs", ["t"], "node p: z of softmax takes a wire of kind floating, t is index"),
    (
        "nodes l inputs",
        ["y", "b"],
        "node l: target of cross_entropy takes a wire of kind index, b is",
    ),
    ("nodes d", {"op": "relu", "attributes": {}, "inputs": ["h"]}, "d: reaches no output; remove it"),
    ("outputs", [], "outputs: needs at least one wire"),
    ("outputs", {"l": "p"}, "outputs: needs a list of names of wires"),
    ("outputs", ["l", "p", "l"], "outputs: l is listed twice"),
    ("outputs", ["l", "p", "x"], "outputs: x is not driven by a node"),
    ("outputs", ["l", "p", "q"], "outputs: q is not driven by a node"),
    ("outputs", ["l", "p\n"], r"outputs: 'p\n' is not driven by a node"),
]


@pytest.mark.parametrize(("where", "value", "message"), MALFORMED, ids=lambda value: str(value)[:60])
def test_a_malformed_network_is_refused_in_one_line(where: str, value: Any, message: str) -> None:
    spoiled: Any = perceptron()
    place = spoiled
    *parents, last = where.split(" ")
    for key in parents:
        place = place[key]
    if value is DELETE:
        del place[last]
    else:
        place[last] = value
    with pytest.raises(ArchitectureError) as refusal:
        from_json(spoiled)
    assert str(refusal.value).startswith(message)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "architecture: not JSON: Expecting value"),
        ("{'leaves': 1}", "architecture: not JSON: Expecting property name"),
        ('{"leaves": {}, "leaves": {}}', "architecture: key 'leaves' is given twice in one object"),
        ('{"leaves": NaN}', "architecture: NaN is not JSON; write floats as float.hex() does"),
        ('{"leaves": -Infinity}', "architecture: -Infinity is not JSON; write floats as"),
        ("[" * 100_000, "architecture: JSON nested too deep"),
        ('{"leaves":' * 100_000, "architecture: JSON nested too deep"),
        ("9" * 5_000, "architecture: not JSON: Exceeds the limit"),
        ("[1e999]", "architecture: needs an object, not [Infinity]"),
        ("null", "architecture: needs an object, not null"),
        (" " * (architecture.MAX_TEXT + 1), "architecture: 16777217 characters of JSON; at most 16777216"),
    ],
    ids=lambda value: value[:20].strip() or "blank",
)
def test_text_that_is_no_network_is_refused(text: str, message: str) -> None:
    with pytest.raises(ArchitectureError) as refusal:
        loads(text)
    assert str(refusal.value).startswith(message)


def chain(count: int) -> Architecture:
    relu = op_class("relu")()
    nodes = {f"n{k}": Node(relu, (f"n{k - 1}" if k else "x",)) for k in range(count)}
    return Architecture({"x": Leaf("input", (1,))}, nodes, (f"n{count - 1}",))


def test_a_network_that_is_too_deep_is_refused() -> None:
    assert len(chain(graph.MAX_DEPTH).order) == graph.MAX_DEPTH
    with pytest.raises(ArchitectureError, match=r"node n1024: depth 1025; at most 1024 is allowed"):
        chain(graph.MAX_DEPTH + 1)


def test_a_network_of_too_many_nodes_is_refused() -> None:
    with pytest.raises(ArchitectureError, match=r"nodes: 4097 of them; at most 4096 are allowed"):
        chain(graph.MAX_NODES + 1)


def test_a_network_that_is_too_large_is_refused() -> None:
    net = chain(4)
    with pytest.raises(ArchitectureError, match=r"architecture: 335544320 entries on all wires; at most"):
        replace(net, leaves={"x": Leaf("input", (graph.MAX_ELEMENTS,))})
    with pytest.raises(ArchitectureError, match=r"wire x: shape \(67108865,\) has 67108865 entries; at most"):
        replace(net, leaves={"x": Leaf("input", (graph.MAX_ELEMENTS + 1,))})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values inside of a JSON value."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((*path, key), *places(value[key], (*path, key)))]


def refuse_or_accept(value: Any) -> None:
    try:
        net = from_json(value)
    except ArchitectureError as error:
        message = str(error)
    else:
        assert loads(net.dumps()) == net
        return
    assert message.isprintable()  # one line
    assert len(message) < 500


@given(JSON)
def test_no_json_raises_anything_but_an_architecture_error(value: Any) -> None:
    refuse_or_accept(value)


@given(st.sampled_from(places(perceptron())), JSON | st.sampled_from(["x", "h", 0, -1, 2**62, [2**62, 2]]))
def test_no_spoiled_network_raises_anything_but_an_architecture_error(
    path: tuple[Any, ...], value: Any
) -> None:
    spoiled = copy.deepcopy(perceptron())
    place: Any = spoiled
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    refuse_or_accept(json.loads(json.dumps(spoiled)))
