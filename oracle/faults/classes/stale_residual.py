"""A stale residual: the rule is applied to what another forward pass left behind."""

from __future__ import annotations

from oracle.faults.bite import shows
from oracle.faults.rule import Recalled
from reference.op import Array, Op


class StaleResidual(Recalled):
    """That of the same inputs, their rows in reverse order."""

    def concerns(self, op: str) -> bool:
        """Ops whose rule depends on the values of their inputs."""
        return shows(self, op)

    def recall(self, op: Op, inputs: tuple[Array | None, ...]) -> tuple[Op, tuple[Array | None, ...]]:
        """See `Recalled`."""
        names = (op.signature().name(place) for place in range(len(inputs)))
        return op, tuple(
            x if x is None or x.ndim == 0 or name in op.kinds else x[::-1]
            for name, x in zip(names, inputs, strict=True)
        )
