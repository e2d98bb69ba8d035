"""The network: a directed acyclic graph of ops over typed leaves.

A **wire** carries one array: a leaf is a wire of the same name, and so is the output of a node (the
further outputs of a node `n` are `n:1`, `n:2`, …).  A wire may feed several nodes (fan-out), a leaf may
be a weight that several nodes share (tied weights), and several wires may be outputs.

An architecture has one canonical JSON text, and the SHA-256 of that text is its identity:

    {"leaves":  {"w": {"kind": "parameter", "shape": [3, 4]}, …},
     "nodes":   {"h": {"attributes": {…}, "inputs": ["x", "w"], "op": "linear"}, …},
     "outputs": ["h"]}

Floats in attributes are written in hexadecimal (`float.hex`), so that the text is exact.  Order of
keys means nothing: nodes run in the order that their wiring demands, and by name where it leaves a
choice.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from reference import strict_json
from reference.graph import (
    DIFFERENTIABLE,
    FLOATING,
    MAX_AXES,
    ArchitectureError,
    Leaf,
    LeafKind,
    Node,
    check_everything_is_used,
    check_names,
    check_sizes,
    connections,
    driven,
    infer,
    shown,
    topological_order,
)
from reference.op import Op, Shape, op_class, op_names
from reference.shapes import size

__all__ = [
    "DIFFERENTIABLE",
    "FLOATING",
    "Architecture",
    "ArchitectureError",
    "Leaf",
    "LeafKind",
    "Node",
    "attribute_types",
    "from_json",
    "loads",
]

MAX_TEXT = 2**24  # characters of JSON


@dataclass(frozen=True)
class Architecture:
    """A validated network.

    Parameters
    ----------
    leaves : mapping of str to Leaf
        The leaves by name.
    nodes : mapping of str to Node
        The nodes by name, in any order.
    outputs : tuple of str
        Wires that are outputs.

    Attributes
    ----------
    order : tuple of str
        Names of the nodes in the order in which they run.
    shapes : dict of str to tuple of int
        Shape of every wire.
    wires : dict of str to tuple of str
        The wires that each node drives.
    differentiable : set of str
        Wires that depend differentiably on a leaf that has a gradient, those leaves included.
    connected : set of str
        Those of them that an output depends on differentiably: all others have the cotangent 0.

    Raises
    ------
    ArchitectureError
        If the network is malformed, cyclic, too large or too deep, or if shapes do not fit.
    """

    leaves: Mapping[str, Leaf]
    nodes: Mapping[str, Node]
    outputs: tuple[str, ...]
    order: tuple[str, ...] = field(init=False, compare=False)
    shapes: dict[str, Shape] = field(init=False, compare=False)
    wires: dict[str, tuple[str, ...]] = field(init=False, compare=False)
    differentiable: set[str] = field(init=False, compare=False)
    connected: set[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        check_names(self.leaves, self.nodes)
        object.__setattr__(self, "order", topological_order(self.leaves, self.nodes))
        shapes: dict[str, Shape] = {name: leaf.shape for name, leaf in self.leaves.items()}
        wires: dict[str, tuple[str, ...]] = {}
        differentiable = set(self.differentiable_leaves)
        for name in self.order:
            node = self.nodes[name]
            inferred = infer(name, node, shapes, self.leaves, differentiable)
            wires[name] = (name, *(f"{name}:{k}" for k in range(1, len(inferred))))
            shapes.update(zip(wires[name], inferred, strict=True))
            differentiable |= driven(node, wires[name], differentiable)
        object.__setattr__(self, "shapes", shapes)
        object.__setattr__(self, "wires", wires)
        object.__setattr__(self, "differentiable", differentiable)
        check_sizes(shapes)
        check_everything_is_used(self.leaves, self.nodes, self.outputs, self.order, shapes)
        connected = connections(self.nodes, reversed(self.order), wires, differentiable, self.outputs)
        object.__setattr__(self, "connected", connected)

    @property
    def differentiable_leaves(self) -> tuple[str, ...]:
        """Names of the leaves that have gradients, sorted."""
        return tuple(sorted(name for name, leaf in self.leaves.items() if leaf.kind in DIFFERENTIABLE))

    @property
    def parameters(self) -> int:
        """Number of entries of all parameters together."""
        return sum(size(leaf.shape) for leaf in self.leaves.values() if leaf.kind == "parameter")

    def to_json(self) -> dict[str, Any]:
        """The network as JSON values; `from_json` gives an equal network back."""
        leaves = {
            name: {"kind": leaf.kind, "shape": list(leaf.shape)}
            | ({} if leaf.bound is None else {"bound": leaf.bound})
            for name, leaf in self.leaves.items()
        }
        nodes = {
            name: {
                "op": node.op.name,
                "attributes": {f.name: _encode(getattr(node.op, f.name)) for f in fields(node.op)},
                "inputs": list(node.inputs),
            }
            for name, node in self.nodes.items()
        }
        return {"leaves": leaves, "nodes": nodes, "outputs": list(self.outputs)}

    def dumps(self) -> str:
        """Canonical JSON text."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def identity(self) -> str:
        """SHA-256 of the canonical JSON text, in hexadecimal."""
        return hashlib.sha256(self.dumps().encode()).hexdigest()


def loads(text: str) -> Architecture:
    """Read an architecture from JSON text.

    Raises
    ------
    ArchitectureError
        If it is none.
    """
    if len(text) > MAX_TEXT:
        raise ArchitectureError(f"architecture: {len(text)} characters of JSON; at most {MAX_TEXT} are read")
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise ArchitectureError(f"architecture: {error}") from None
    return from_json(value)


def from_json(value: object) -> Architecture:
    """Read an architecture from JSON values, checking every field.

    Raises
    ------
    ArchitectureError
        At the first thing that does not fit.
    """
    top = _record(value, "architecture", {"leaves", "nodes", "outputs"})
    leaves = {name: _leaf(name, leaf) for name, leaf in _mapping(top["leaves"], "leaves").items()}
    nodes = {name: _node(name, node) for name, node in _mapping(top["nodes"], "nodes").items()}
    outputs = top["outputs"]
    if not isinstance(outputs, list) or not all(isinstance(wire, str) for wire in outputs):
        raise ArchitectureError("outputs: needs a list of names of wires")
    return Architecture(leaves, nodes, tuple(outputs))


# --- reading JSON ----------------------------------------------------------------------------


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArchitectureError(f"{where}: needs an object, not {_excerpt(value)}")
    return value


def _record(value: object, where: str, required: set[str], optional: frozenset[str] = frozenset()) -> Any:
    record = _mapping(value, where)
    for key in sorted(required - record.keys()):
        raise ArchitectureError(f"{where}: {key} is missing")
    for key in sorted(record.keys() - required - optional):
        raise ArchitectureError(f"{where}: unknown key {key[:80]!r}")
    return record


def _leaf(name: str, value: object) -> Leaf:
    where = f"leaf {shown(name)}"
    record = _record(value, where, {"kind", "shape"}, frozenset({"bound"}))
    if record["kind"] not in get_args(LeafKind):
        raise ArchitectureError(
            f"{where}: kind is {_excerpt(record['kind'])}; one of {', '.join(get_args(LeafKind))}"
        )
    shape = _decode(record["shape"], tuple[int, ...], f"{where}: shape")
    bound = None if "bound" not in record else _decode(record["bound"], int, f"{where}: bound")
    return Leaf(record["kind"], shape, bound)


def _node(name: str, value: object) -> Node:
    where = f"node {shown(name)}"
    record = _record(value, where, {"op", "attributes", "inputs"})
    if record["op"] not in op_names():
        raise ArchitectureError(f"{where}: unknown op {_excerpt(record['op'])}; `ops` lists the known ones")
    inputs = record["inputs"]
    if not isinstance(inputs, list) or not all(wire is None or isinstance(wire, str) for wire in inputs):
        raise ArchitectureError(f"{where}: inputs needs a list of names of wires")
    cls = op_class(record["op"])
    types = attribute_types(cls)  # type: ignore[arg-type]  # mypy takes the class for its instances
    attributes = _record(record["attributes"], f"{where}: attributes", set(types))
    decoded = {
        key: _decode(attributes[key], hint, f"{where}: {record['op']}.{key}") for key, hint in types.items()
    }
    return Node(cls(**decoded), tuple(inputs))


@cache
def attribute_types(cls: type[Op]) -> dict[str, Any]:
    """Annotated type of each attribute of an op."""
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in fields(cls)}


def _encode(value: Any) -> Any:
    if isinstance(value, float):
        return value.hex()
    return list(value) if isinstance(value, tuple) else value


def _decode(value: Any, hint: Any, where: str) -> Any:
    """Read one attribute as the type that its annotation names."""
    options = get_args(hint)
    if get_origin(hint) is Literal:
        if isinstance(value, str) and value in options:
            return value
    elif get_origin(hint) is tuple:
        if isinstance(value, list) and len(value) <= MAX_AXES:
            return tuple(_decode(entry, options[0], where) for entry in value)
    elif get_origin(hint) in (Union, UnionType):  # of None, a tuple, literals and one other type
        if value is None and NoneType in options:
            return None
        form: Any = tuple if isinstance(value, list) else Literal if isinstance(value, str) else None
        named = sorted((o for o in options if o is not NoneType), key=lambda o: get_origin(o) is not form)
        return _decode(value, named[0], where)
    elif hint is float:
        return _decode_float(value, where)
    elif type(value) is hint and (hint is not int or abs(value) < 2**63):
        return value
    wanted = getattr(hint, "__name__", None) if not options else str(hint).replace("typing.", "")
    raise ArchitectureError(f"{where}: {_excerpt(value)} is not {wanted}")


def _decode_float(value: object, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ArchitectureError(f"{where}: write {_excerpt(value)} as the exact float.hex() text")
    try:
        number = float.fromhex(cast(str, value))
    except (TypeError, ValueError, OverflowError):
        raise ArchitectureError(f"{where}: {_excerpt(value)} is not a hexadecimal float") from None
    if math.isnan(number):
        raise ArchitectureError(f"{where}: NaN equals nothing, and is no attribute")
    if number.hex() != value:
        raise ArchitectureError(f"{where}: {_excerpt(value)} is not canonical; write {number.hex()!r}")
    return number


def _excerpt(value: object) -> str:
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."
