"""What a case is evidence for: the ops that an agreeing gradient went through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from oracle.judge.verdict import CaseVerdict, Verdict
from reference.architecture import Architecture

DECISIVE = 0.01  # largest detection limit of a tensor that counts as evidence


@dataclass
class Coverage:
    """Counts over the cases of a campaign; they add up.

    Attributes
    ----------
    cases, featured : Counter of str
        Cases that contain an op, and cases that feature it.
    decisive : Counter of str
        Per op, gradients that agree, are not vacuous, and passed backward through the op.
    pairs : Counter of (str, str)
        Edges of the networks: an op and one that it feeds.
    attributes : Counter of (str, str, str)
        Per op and attribute, the values drawn.
    """

    cases: Counter[str] = field(default_factory=Counter)
    featured: Counter[str] = field(default_factory=Counter)
    decisive: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    attributes: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, architecture: Architecture, featured: str, verdict: CaseVerdict) -> None:
        """Count one case."""
        self.featured[featured] += 1
        self.cases.update({node.op.name for node in architecture.nodes.values()})
        self.decisive.update(decisive(architecture, verdict))
        for node in architecture.nodes.values():
            for wire in node.inputs:
                source = architecture.nodes.get(wire.partition(":")[0]) if wire else None
                if source is not None:
                    self.pairs[source.op.name, node.op.name] += 1
            for attribute, value in vars(node.op).items():
                if not isinstance(value, tuple):  # a shape says nothing about the attribute
                    self.attributes[node.op.name, attribute, str(value)] += 1

    def merge(self, other: Coverage) -> None:
        """Add the counts of another part of the campaign."""
        for counts in fields(self):
            getattr(self, counts.name).update(getattr(other, counts.name))

    def record(self) -> dict[str, list[Any]]:
        """The same as JSON values: lists of a key and its count."""
        return {counts.name: list(getattr(self, counts.name).items()) for counts in fields(self)}


def decisive(architecture: Architecture, verdict: CaseVerdict) -> Counter[str]:
    """Per op, the agreeing gradients that passed backward through one of its nodes.

    The gradient of a leaf is the sum over all paths from the leaf to an output, so it is evidence for
    the rule of every node that lies on such a path.  Agreement that would have forgiven a per cent is none;
    where no limit was estimated, the screen was passed, which forgives a few ulps.
    """
    agreed = {
        tensor.name
        for tensor in verdict.tensors
        if tensor.role == "gradient"
        and tensor.verdict is Verdict.AGREE
        and not tensor.detection_limit > DECISIVE
    }
    above: dict[str, frozenset[str]] = {leaf: frozenset({leaf} & agreed) for leaf in architecture.leaves}
    through: dict[str, set[str]] = {}
    for name in architecture.order:
        node = architecture.nodes[name]
        reached = frozenset().union(*(above[wire] for wire in node.inputs if wire is not None))
        for wire in architecture.wires[name]:
            above[wire] = reached if wire in architecture.differentiable else frozenset()
        through.setdefault(node.op.name, set()).update(reached)
    return Counter({op: len(leaves) for op, leaves in through.items()})


def read(record: dict[str, list[Any]]) -> Coverage:
    """The coverage that `record` came from."""
    coverage = Coverage()
    for name, counts in record.items():
        for key, count in counts:
            getattr(coverage, name)[tuple(key) if isinstance(key, list) else key] = count
    return coverage
