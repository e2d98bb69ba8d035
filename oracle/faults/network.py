"""Faults of the backward pass itself: shares that are added where a wire feeds several nodes.

No node shows them by itself.  In the reference the backward pass is another one; in torch the share of
one node passes through `share` before autograd adds it up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import reference.backprop
from oracle.candidates.protocol import Result
from oracle.faults.fault import Fault, Site, Twins, exchanged
from reference.architecture import Architecture
from reference.op import Array, op_class

Marks = Mapping[str, frozenset[int]]  # the inputs, by node, whose share comes out wrong


class _Marked(NamedTuple):
    places: frozenset[int]
    residuals: Any


class OfNetwork(Fault):
    """A fault in what becomes of a node's share in a wire that feeds several nodes."""

    whole = True

    def share(self, x_bar: Array) -> Array:
        """What is made of the share."""
        raise NotImplementedError

    def meant(self, network: Architecture, wire: str) -> bool:
        """Whether the shares of this wire are among those that come out wrong."""
        return True

    def marks(self, network: Architecture, op: str) -> Marks:
        """The inputs of nodes of `op` that further nodes use, too."""
        users = Counter(wire for node in network.nodes.values() for wire in set(node.inputs))
        return {
            name: frozenset(
                place
                for place, wire in enumerate(network.nodes[name].inputs)
                if wire in network.differentiable and users[wire] > 1 and self.meant(network, wire)
            )
            for name in network.order
            if network.nodes[name].op.name == op
        }

    @contextmanager
    def reference(self, site: Site) -> Iterator[None]:
        """See `Fault`."""
        cls = op_class(site.op)
        vjp, backward = cls.vjp, reference.backprop.backward_pass

        def marked(network: Any, forward: Any, cotangents: Any) -> Any:
            residuals = {
                **forward.residuals,
                **{n: _Marked(p, forward.residuals[n]) for n, p in self.marks(network, site.op).items()},
            }
            return backward(network, reference.backprop.ForwardPass(forward.values, residuals), cotangents)

        def wrong(op: Any, residuals: Any, *cotangents: Any) -> Any:
            if not isinstance(residuals, _Marked):
                return vjp(op, residuals, *cotangents)
            shares = vjp(op, residuals.residuals, *cotangents)
            return tuple(
                self.share(x_bar) if place in residuals.places and x_bar is not None else x_bar
                for place, x_bar in enumerate(shares)
            )

        with exchanged(cls, vjp=wrong), exchanged(reference.backprop, backward_pass=marked):
            yield

    def candidate(self, site: Site) -> Twins:
        """See `Fault`."""
        from oracle.faults.tap import sound

        return Twins(_Shares(site.op, sound(site.op), self), _Shares(site.op, sound(site.op), None))


@dataclass(frozen=True)
class _Shares:
    """Torch whose shares of one op are changed, as a fault demands."""

    op: str
    right: Callable[..., Any]
    fault: OfNetwork | None
    name: str = "torch.autograd"

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """See `oracle.candidates.protocol.Candidate`."""
        from oracle.faults.tap import repaired, tap

        change = self.fault.share if self.fault else (lambda x_bar: x_bar)
        rest = iter(self.fault.marks(architecture, self.op).values() if self.fault else ())

        def function(*inputs: Any, **attributes: Any) -> Any:  # called in the order of the nodes
            places = next(rest, frozenset())
            seen = [tap(x, change) if place in places else x for place, x in enumerate(inputs)]
            return self.right(*seen, **attributes)

        return repaired({self.op: function})(architecture, leaves, cotangents)
