"""Random networks for hypothesis: small, valid, and shrinkable."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from reference.architecture import Architecture, Leaf, Node
from reference.op import Shape, op_class

FLOATS = st.floats(allow_nan=False)
SHAPES = st.sampled_from([(), (1,), (3,), (2, 3), (2, 1), (0, 3)])
ONE_INPUT = ("relu", "sigmoid", "softplus", "sum", "tanh", "reshape", "softmax")


@st.composite
def attributes(draw: Any, name: str, shape: Shape) -> dict[str, Any]:
    if name == "softplus":
        return {"beta": draw(FLOATS), "threshold": draw(FLOATS)}
    if name == "reshape":
        return {"shape": draw(st.sampled_from([shape, (*shape, 1), (1, *shape)]))}
    if name == "softmax":
        return {"dim": draw(st.integers(-len(shape), len(shape) - 1))}
    if name == "sum":
        dims = st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True).map(tuple)
        return {"dim": draw(st.none() | dims) if shape else None, "keepdim": draw(st.booleans())}
    return {}


@st.composite
def architectures(draw: Any) -> Architecture:
    """A network whose nodes take any earlier wires; those that nobody takes are its outputs."""
    leaves: dict[str, Leaf] = {}
    nodes: dict[str, Node] = {}
    shapes: dict[str, Shape] = {}
    unused: set[str] = set()

    def wire(shape: Shape | None = None) -> str:
        fitting = sorted(name for name in shapes if shape is None or shapes[name] == shape)
        name = draw(st.sampled_from([*fitting, None]))
        if name is None:
            name = f"leaf{len(leaves)}"
            kind = draw(st.sampled_from(["parameter", "input", "state"]))
            leaves[name] = Leaf(kind, draw(SHAPES) if shape is None else shape)
            shapes[name] = leaves[name].shape
        unused.discard(name)
        return name

    for number in range(draw(st.integers(1, 8))):
        first = wire()
        shape = shapes[first]
        choices = [*(ONE_INPUT if shape else ONE_INPUT[:-1]), "add", "multiply"]
        op = draw(st.sampled_from(choices))
        inputs = (first,) if op in ONE_INPUT else (first, wire(shape))
        node = Node(op_class(op)(**draw(attributes(op, shape))), inputs)
        name = draw(st.sampled_from(["node", "a", "Z_"])) + str(number)
        nodes[name], (shapes[name],) = node, node.op.infer(*(shapes[source] for source in inputs))
        unused.add(name)
    return Architecture(leaves, nodes, tuple(draw(st.permutations(sorted(unused)))))
