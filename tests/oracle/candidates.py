"""Candidates that are wrong on purpose, for tests of what a campaign makes of them."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracle.candidates.protocol import Result
from oracle.candidates.torch_autograd import TorchAutograd
from reference.architecture import Architecture


@dataclass(frozen=True)
class Scaled:
    """Torch, with every gradient a thousandth too large."""

    name: str = "scaled"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        right = TorchAutograd()(architecture, leaves, cotangents)
        return Result(right.outputs, {leaf: array * 1.001 for leaf, array in right.gradients.items()})


@dataclass(frozen=True)
class Raising:
    """Nothing but an error, in two lines."""

    name: str = "raising"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        raise RuntimeError("no such\nkernel")


@dataclass(frozen=True)
class Poisonous:
    """Torch, but for some networks: on these it kills its process, hangs, or eats memory.

    Parameters
    ----------
    poison : tuple of (str, str)
        Identity of a network, and ``"kill"``, ``"hang"`` or ``"memory"``.
    """

    poison: tuple[tuple[str, str], ...]
    name: str = "poisonous"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        match dict(self.poison).get(architecture.identity):
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                re.match(r"(a+)+$", "a" * 99 + "b")  # in C, with the interpreter's lock, for ages
            case "memory":
                eaten = [np.empty(2**26, np.uint8)]
                while True:  # no page is touched: the limit is one of address space
                    eaten.append(np.empty(2**26, np.uint8))
        return TorchAutograd()(architecture, leaves, cotangents)


@dataclass(frozen=True)
class Fatal:
    """Torch, with every gradient a thousandth too large; a leaf of so few entries ends its process, or hangs.

    Parameters
    ----------
    way : {"abort", "exit", "hang"}
        What it does.
    entries : int
        Leaves of fewer entries are fatal.
    factor : float
        What gradients are multiplied by.
    """

    way: str = "abort"
    entries: int = 3
    factor: float = 1.001
    name: str = "fatal"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        if any(array.size < self.entries for array in leaves.values()):
            match self.way:
                case "abort":
                    os.abort()
                case "exit":
                    os._exit(7)
                case "hang":
                    re.match(r"(a+)+$", "a" * 99 + "b")
        right = TorchAutograd()(architecture, leaves, cotangents)
        return Result(right.outputs, {leaf: array * self.factor for leaf, array in right.gradients.items()})
