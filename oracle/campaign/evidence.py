"""What a case is evidence for: the ops without which a gradient would not be what both sides say."""

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
        Per op, comparisons that bear witness to it; see `decisive`.
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
    """Per op, the comparisons that would have come out otherwise, had one of its nodes given no gradient.

    The gradient of a leaf is the sum over all paths from the leaf to an output.  So it bears witness to a
    node that *all* of these paths lead through: had that node passed nothing on, the gradient would be zero,
    and to agree on zero is vacuous.  To a node on some of the paths it bears none: its share may vanish
    beside the others.  Agreement that would have forgiven a per cent is none; where no limit was estimated,
    the screen was passed, which forgives a few ulps.

    A node that fails by itself was compared by itself, and so it was in the failing gradients that bear
    witness to it; to no other node do they.  Nothing hides there: unless it is a registered finding, the
    campaign fails.
    """
    ahead = inevitable(architecture)
    found: Counter[str] = Counter({verdict.op: 1} if verdict.node else {})
    for tensor in verdict.tensors:
        nodes = ahead.get(tensor.name, frozenset()) if tensor.role == "gradient" else frozenset()
        if tensor.verdict.fails:
            found.update([verdict.op] if verdict.node in nodes else [])
        elif tensor.verdict is Verdict.AGREE and not tensor.detection_limit > DECISIVE:
            found.update({architecture.nodes[name].op.name for name in nodes})
    return found


def inevitable(architecture: Architecture) -> dict[str, frozenset[str]]:
    """For every wire that outputs depend on, the nodes that all of its paths to outputs lead through.

    They are the post-dominators of the graph, found in one sweep from the outputs.
    """
    ahead: dict[str, frozenset[str]] = {wire: frozenset() for wire in architecture.outputs}
    connected = architecture.connected
    for name in reversed(architecture.order):
        beyond = [ahead[wire] for wire in architecture.wires[name] if wire in connected]
        if not beyond:
            continue
        here = frozenset.intersection(*beyond) | {name}
        for wire in connected.intersection(filter(None, architecture.nodes[name].inputs)):
            ahead[wire] = ahead[wire] & here if wire in ahead else here
    return ahead


def read(record: dict[str, list[Any]]) -> Coverage:
    """The coverage that `record` came from."""
    coverage = Coverage()
    for name, counts in record.items():
        for key, count in counts:
            getattr(coverage, name)[tuple(key) if isinstance(key, list) else key] = count
    return coverage
