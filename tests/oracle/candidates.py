"""Candidates that are wrong on purpose, for tests of what a campaign makes of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

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
class Dying:
    """A crash of the whole process, where a network has a softplus."""

    name: str = "dying"

    def __call__(self, architecture: Architecture, leaves: Any, cotangents: Any) -> Result:
        if any(node.op.name == "softplus" for node in architecture.nodes.values()):
            os._exit(9)
        return TorchAutograd()(architecture, leaves, cotangents)
