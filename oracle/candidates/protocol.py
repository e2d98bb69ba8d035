"""What a candidate is: anything that computes outputs and gradients of an architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from reference.architecture import Architecture

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Result:
    """Outputs by wire, and gradients of all differentiable leaves by name."""

    outputs: Mapping[str, Array]
    gradients: Mapping[str, Array]


class LostError(Exception):
    """The candidate cannot be asked at all: nothing is said about either side.  The message is one line."""


class Candidate(Protocol):
    """An implementation that is put beside the reference."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Run the network and its backward pass.

        Parameters
        ----------
        architecture : Architecture
            The network.
        leaves, cotangents : mapping of str to numpy.ndarray
            Values of the leaves and cotangents of the outputs, in the memory layouts of the case.
            They are shared with the other side: a candidate must not write to them.

        Returns
        -------
        Result
            Arrays in the case's dtype.  Whatever is raised instead is shown to the user as that
            side's message; a note that is the name of a node tells which op it is about.
        """
        ...
