"""Ops use the numpy of `reference/vocabulary.py`, all of it, and nothing else.

Twice over: their source is scanned, and they run on a duck array that answers the vocabulary alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy.special import erf

from reference import vocabulary
from reference.scatter import scatter_add
from tests.reference.example import Example
from tests.reference.examples import EXAMPLES
from tests.reference.test_ops import run

REFERENCE = Path(vocabulary.__file__).parent
SCANNED = [*sorted(REFERENCE.glob("ops/**/*.py")), REFERENCE / "shapes.py", REFERENCE / "windows.py"]
NUMPY = vocabulary.FUNCTIONS | vocabulary.PLAIN
IMPORTS = {"__future__", "dataclasses", "itertools", "math", "typing", "numpy", "reference"}
SPECIAL = {"erf"}  # of scipy.special
OWN = {"scatter_add"}  # of the reference itself
WINDOWS = {"window", "across", "down", "tap", "start"}  # as `windows.py` calls them, and their slices
NO_ARRAYS = {
    "self",
    "cls",
    "math",
    "op",
    "labels",
    *WINDOWS,
}  # names whose attributes are no attributes of arrays


def offences(source: str) -> Iterator[str]:
    """Whatever a file says that another number system could not answer."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names) if any(name.name.split(".")[0] not in IMPORTS for name in names):
                yield ast.unparse(node)
            case ast.ImportFrom(module="scipy.special", names=names) if {n.name for n in names} <= SPECIAL:
                pass
            case ast.ImportFrom(module=module) if (module or "").split(".")[0] not in IMPORTS - {"numpy"}:
                yield ast.unparse(node)  # `from numpy import x` would hide x from this scan
            case ast.Attribute(value=ast.Name(id="np"), attr=name):
                if name not in NUMPY:
                    yield f"np.{name}"
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
                pass
            case ast.Attribute(value=ast.Name(id=name)) if name in NO_ARRAYS:
                pass
            case ast.Attribute(attr=name) if name not in vocabulary.ATTRIBUTES:
                yield f".{name}"
            case ast.keyword(arg="dtype" | "out"):
                yield f"{node.arg}="
            case ast.Call(func=ast.Name(id="int"), args=[ast.Call(func=ast.Attribute(attr="count_nonzero"))]):
                pass
            case ast.Call(func=ast.Name(id="float" | "int" | "bool" | "complex" as name)):
                yield f"{name}()"
            case ast.Subscript(ctx=ast.Store()):
                yield f"{ast.unparse(node)} = …"
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            written = ast.get_source_segment(source, node)
            if Fraction(written) != Fraction(node.value):
                yield f"{written}, which is no binary number: see constants.py"


@pytest.mark.parametrize("path", SCANNED, ids=lambda path: path.stem)
def test_ops_use_nothing_outside_the_vocabulary(path: Path) -> None:
    assert list(offences(path.read_text())) == []


@pytest.mark.parametrize(
    ("statement", "offence"),
    [
        ("y = np.logaddexp(x, x)", "np.logaddexp"),
        ("y = np.zeros(x.shape)", "np.zeros"),
        ("y = np.add.reduce(x)", "np.add"),
        ("y = x.sum()", ".sum"),
        ("y = (x + x).astype(x)", ".astype"),
        ("y = x.dtype", ".dtype"),
        ("y = np.sum(x, dtype=None)", "dtype="),
        ("y = np.exp(x, out=x)", "out="),
        ("y = float(x)", "float()"),
        ("x[0] = 1", "x[0] = …"),
        ("x[0] += 1", "x[0] = …"),
        ("y = 0.1 * x", "0.1, which is no binary number: see constants.py"),
        ("import torch", "import torch"),
        ("from numpy import einsum", "from numpy import einsum"),
        ("from scipy.stats import norm", "from scipy.stats import norm"),
        ("from scipy.special import expit", "from scipy.special import expit"),
        ("import scipy.special", "import scipy.special"),
    ],
)
def test_the_scan_can_fail(statement: str, offence: str) -> None:
    assert offence in list(offences(f"def forward(self, x):\n    {statement}\n"))


def test_exact_literals_and_attribute_defaults_are_allowed() -> None:
    assert not list(offences("eps: float = 1e-5\ndef forward(self, x):\n    return 0.5 * x.T + self.eps\n"))


def test_nothing_in_the_vocabulary_is_unused() -> None:
    trees = [ast.parse(path.read_text()) for path in (*SCANNED, REFERENCE / "backprop.py")]
    used = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names = {node.attr for node in used if isinstance(node.value, ast.Name) and node.value.id == "np"}
    called = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names | (called & (SPECIAL | OWN)) == NUMPY.keys()
    assert vocabulary.ATTRIBUTES.keys() - {node.attr for node in used} == {"[…]"}  # which `Strict` counts


def test_the_vocabulary_is_capped_and_gives_reasons() -> None:
    assert len(vocabulary.FUNCTIONS) + len(vocabulary.OPERATORS) <= vocabulary.CAP
    assert all(reason and "\n" not in reason for reason in NUMPY.values())


# --- a number system that answers the vocabulary alone -------------------------------------------

OPERATORS = {np.__dict__[ufunc]: operator for operator, ufunc in vocabulary.OPERATORS.items()}
FUNCTIONS = {
    {**vars(np), "erf": erf, "scatter_add": scatter_add}[name]: name for name in vocabulary.FUNCTIONS
}
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


class Strict(np.lib.mixins.NDArrayOperatorsMixin):
    """A float64 array that refuses every operation outside of the vocabulary, and counts the others."""

    used: ClassVar[set[str]] = set()

    def __init__(self, data: Any) -> None:
        self.data = np.asarray(data)
        self.shape, self.ndim, self.size = self.data.shape, self.data.ndim, self.data.size

    __pow__ = __rpow__ = None  # one way to write a power

    T = property(lambda self: Strict(self.data.T))
    mT = property(lambda self: Strict(self.data.mT))

    def __getitem__(self, index: Any) -> Strict:
        self.used.add("[…]")
        return Strict(self.data[index])

    def __iadd__(self, other: Any) -> Strict:
        return self + other  # without it the mixin would write into `self`

    def __scatter_add__(self, indices: Any, size: int, axis: int) -> Strict:
        self.used.add("scatter_add")
        return Strict(scatter_add(self.data, indices, size, axis))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options or ufunc not in OPERATORS | FUNCTIONS:
            raise TypeError(f"np.{ufunc.__name__} is not in the vocabulary")
        self.used.add((OPERATORS | FUNCTIONS)[ufunc])
        found = ufunc(*plain(inputs))
        return Strict(found) if found.dtype == np.float64 else found  # a comparison's answer is plain

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function not in FUNCTIONS:
            raise TypeError(f"np.{function.__name__} is not in the vocabulary")
        self.used.add(FUNCTIONS[function])
        found = function(*plain(args), **options)
        return Strict(found) if found.dtype == np.float64 else found

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("a conversion to float would lose what this number knows")


def plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(plain, value))
    return value.data if isinstance(value, Strict) else value


def strict(value: Any) -> Any:
    return Strict(value) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_ops_run_on_the_vocabulary_alone_to_the_same_bits(example: Example) -> None:
    inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
    wanted = run(example.op, inputs, cotangents)
    found = run(example.op, [*map(strict, inputs)], [*map(strict, cotangents)])
    for ours, theirs in zip((*found[0], *found[1]), (*wanted[0], *wanted[1]), strict=True):
        assert isinstance(ours, Strict) or (ours is None and theirs is None)
        np.testing.assert_array_equal(plain(ours), theirs)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_ops_use_every_operator() -> None:
    Strict.used.clear()
    for example in EXAMPLES:
        inputs, cotangents = example.inputs(np.float64), example.cotangents(np.float64)
        run(example.op, [*map(strict, inputs)], [*map(strict, cotangents)])
    everything = {*vocabulary.OPERATORS, *vocabulary.FUNCTIONS, "[…]"}
    if Strict.used & COMPARISONS:
        everything -= COMPARISONS  # they are taught together, and mean one thing
    assert everything - Strict.used == set()


@pytest.mark.parametrize(
    "use", [np.mean, np.asarray, np.cos, float, lambda x: x**2, lambda x: np.add.reduce(x)]
)
def test_the_strict_array_can_refuse(use: Any) -> None:
    with pytest.raises(TypeError):
        use(Strict(1.0))
