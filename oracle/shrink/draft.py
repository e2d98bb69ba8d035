"""A case in pieces: changed freely, and put together again where it still is a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.layouts import arrange
from reference.architecture import Architecture, ArchitectureError, Leaf, Node
from reference.op import Shape

Array = NDArray[Any]


@dataclass(frozen=True)
class Draft:
    """The pieces of a case; they need not fit.

    Parameters
    ----------
    leaves, nodes, outputs
        As in `Architecture`; nodes and leaves that reach no output may be left in.
    values : mapping of str to numpy.ndarray
        Values of the leaves, and cotangents of the outputs; a cotangent of another shape than its output is
        cut or repeated to fit.
    layouts : mapping of str to str
        Layout of each of them; contiguous where none is given.
    dtype : str
        Dtype of the case.
    """

    leaves: Mapping[str, Leaf]
    nodes: Mapping[str, Node]
    outputs: tuple[str, ...]
    values: Mapping[str, Array]
    layouts: Mapping[str, str]
    dtype: str

    @classmethod
    def of(cls, case: Case) -> Draft:
        """The pieces of a case."""
        network = case.architecture
        values = {**case.leaves, **case.cotangents}
        return cls(network.leaves, network.nodes, network.outputs, values, case.layouts, case.dtype)

    def case(self) -> Case | None:
        """The case, without what reaches no output; `None` where the pieces do not fit."""
        try:
            network = self._network()
            leaves = {name: self._arranged(name, self.values[name]) for name in network.leaves}
            cotangents = {wire: self._arranged(wire, self._cotangent(network, wire)) for wire in self.outputs}
        except (ArchitectureError, _MisfitError):
            return None
        layouts = {name: self.layouts.get(name, "contiguous") for name in (*leaves, *cotangents)}
        return Case(network, self.dtype, leaves, cotangents, layouts)

    def _network(self) -> Architecture:
        used = {wire.partition(":")[0] for wire in self.outputs}
        waiting = list(used)
        while waiting:
            node = self.nodes.get(waiting.pop())
            for wire in node.inputs if node else ():
                source = wire and wire.partition(":")[0]
                if source and source not in used:
                    used.add(source)
                    waiting.append(source)
        network = Architecture(
            {name: leaf for name, leaf in self.leaves.items() if name in used},
            {name: node for name, node in self.nodes.items() if name in used},
            self.outputs,
        )
        if not network.connected.intersection(network.leaves):
            raise _MisfitError  # no gradient is left
        return network

    def _cotangent(self, network: Architecture, wire: str) -> Array:
        shape = network.shapes[wire]
        if wire not in network.differentiable:
            return np.zeros(shape, self.dtype)
        return fitted(self.values[wire], shape)

    def _arranged(self, name: str, array: Array) -> Array:
        try:
            return arrange(np.asarray(array), self.layouts.get(name, "contiguous"))
        except ValueError:  # slices that differ cannot be one slice seen many times
            raise _MisfitError from None


class _MisfitError(Exception):
    """The pieces are no case."""


def fitted(array: Array, shape: Shape) -> Array:
    """The first entries along every axis, or all entries in order, repeated as often as it takes."""
    if array.ndim == len(shape) and all(new <= old for new, old in zip(shape, array.shape, strict=True)):
        return array[tuple(slice(n) for n in shape)]
    return np.resize(array, shape)
