"""What an op is, and how it is found.

An op is a frozen dataclass whose fields are its attributes (`dim`, `eps`, …) and whose three
methods are pure rules that keep nothing on `self`:

- `infer(*shapes)` gives the shapes of the outputs, or raises `ShapeError`;
- `forward(*inputs)` gives `(outputs, residuals)`, the residuals being what `vjp` needs;
- `vjp(residuals, *cotangents)` gives one cotangent for each input: the vector–Jacobian product
  x̄ᵀ = ȳᵀ ∂y/∂x, and `None` for an input that has no gradient (an index, a mask, a state).

Registration is by file name: `reference/ops/activation/relu.py` defines the op `relu`, and nothing
else has to be edited.  The names, kinds and number of an op's inputs are read off the signature of
its `forward`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import reference.ops

MAX_OUTPUTS = 10_000  # of one op: the name of a wire has four digits for the place

Array = Any  # numpy.ndarray, or a duck array of another number system
Shape = tuple[int, ...]
Fraction = tuple[Array, Array]  # numerators and denominators, integers
Lengths = Iterable[int]  # counted as they come: a file may ask for more than memory holds


class ShapeError(ValueError):
    """Shapes that an op cannot take; the message names op, argument and shape."""


@dataclass(frozen=True)
class Signature:
    """The inputs that an op takes, in order.

    Parameters
    ----------
    names : tuple of str
        Argument names of `forward`; the last one repeats when `variadic`.
    required : int
        How many of them must be given; the others may be `None` or left out at the end.
    variadic : bool
        Whether the last name stands for any number (≥ 1) of inputs.
    """

    names: tuple[str, ...]
    required: int
    variadic: bool

    def name(self, position: int) -> str:
        """Name of the argument at `position`."""
        if self.variadic and position >= len(self.names) - 1:
            return f"{self.names[-1]}[{position - len(self.names) + 1}]"
        return self.names[position]

    def accepts(self, count: int) -> bool:
        """Whether `count` inputs can be bound."""
        return self.required <= count and (self.variadic or count <= len(self.names))


@dataclass(frozen=True)
class Op:
    """Base of all ops; see the module's docstring for the three rules.

    Attributes
    ----------
    name : str
        The file name of the op's module.
    kinds : dict
        Arguments without a gradient, by name: ``"index"``, ``"mask"`` or ``"state"``, which is floating
        point (running statistics, weights of classes).
    constant_outputs : tuple of int
        Outputs that are no function to differentiate (new running statistics): `vjp` ignores their
        cotangents.
    """

    name: ClassVar[str]
    kinds: ClassVar[dict[str, str]] = {}
    constant_outputs: ClassVar[tuple[int, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.name = cls.__module__.rpartition(".")[2]

    def documented(self, *_: Array) -> tuple[Fraction | None, ...]:
        """By what factor the documented gradient of each input differs from the derivative of `forward`.

        Returns
        -------
        tuple of (numpy.ndarray, numpy.ndarray) or None
            For every input, given as `forward` takes them, numerators and denominators: integers, of a shape
            that broadcasts to the input's.  None, and an empty tuple for all, where `vjp` is the derivative.
        """
        return ()

    def infer(self, *shapes: Any) -> tuple[Shape, ...]:
        """Shapes of the outputs for inputs of these shapes (`None` for one left out)."""
        raise NotImplementedError

    def forward(self, *inputs: Array) -> tuple[tuple[Array, ...], Any]:
        """Outputs, and the residuals that `vjp` will need."""
        raise NotImplementedError

    def vjp(self, residuals: Any, *cotangents: Array) -> tuple[Array | None, ...]:
        """Cotangents of the inputs, given the cotangents of the outputs."""
        raise NotImplementedError

    @classmethod
    @cache
    def signature(cls) -> Signature:
        """The inputs of this op, read off its `forward`."""
        parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
        variadic = bool(parameters) and parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL
        required = sum(p.default is inspect.Parameter.empty for p in parameters)
        return Signature(tuple(p.name for p in parameters), required, variadic)

    def refuse(self, argument: str, shape: Shape | None, because: str) -> ShapeError:
        """The error for an argument whose shape does not fit."""
        return ShapeError(f"{self.name}: {argument} of shape {shape} {because}")


@cache
def _modules() -> dict[str, str]:
    """Map each op's name to the module that defines it."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(reference.ops.__path__, "reference.ops."):
        name = module.name.rpartition(".")[2]
        if module.ispkg or name.startswith("_"):
            continue
        if name in found:
            raise ImportError(f"op {name} is defined twice: in {found[name]} and in {module.name}")
        found[name] = module.name
    return found


@cache
def op_names() -> tuple[str, ...]:
    """Names of all ops, sorted."""
    return tuple(sorted(_modules()))


@cache
def family(name: str) -> str:
    """Folder that the op `name` lives in, e.g. ``"activation"``."""
    return _modules()[name].split(".")[-2]


@cache
def op_class(name: str) -> type[Op]:
    """Class of the op called `name`.

    Raises
    ------
    KeyError
        If no file of `reference/ops` has that name.
    """
    if name not in _modules():
        raise KeyError(name)
    module = importlib.import_module(_modules()[name])
    (defined,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Op) and value.__module__ == module.__name__
    )
    return defined
