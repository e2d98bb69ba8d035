"""Faults in a rule: the op itself is another one, in forward pass, backward pass or both.

They are planted in the reference, and grafted into torch: there the op is computed by the reference's
wrong rule, in floating point, and everything around it by torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields
from functools import wraps
from typing import Any

from oracle.faults.fault import ANOTHER, Fault, Site, Twins, exchanged
from oracle.faults.source import Body
from reference.op import Array, Op, op_class


class Rule(Fault):
    """A fault that puts other functions in the place of an op's `forward` and `vjp`."""

    def altered(self, op: str) -> AbstractContextManager[None]:
        """Have the op's rules wrong while this lasts."""
        raise NotImplementedError

    def reference(self, site: Site) -> AbstractContextManager[None]:
        """See `Fault`."""
        return self.altered(site.op)

    def candidate(self, site: Site) -> Twins:
        """See `Fault`."""
        from oracle.faults.tap import grafted, repaired

        cls = op_class(site.op)
        right = cls.forward, cls.vjp

        @contextmanager
        def wrong() -> Iterator[tuple[Any, Any]]:
            with self.altered(site.op):
                yield cls.forward, cls.vjp

        return Twins(
            repaired({site.op: grafted(site.op, wrong)}),
            repaired({site.op: grafted(site.op, lambda: nullcontext(right))}),
        )


class Recalled(Rule):
    """A rule that is applied to what another forward pass left behind."""

    def recall(self, op: Op, inputs: tuple[Array | None, ...]) -> tuple[Op, tuple[Array | None, ...]]:
        """The op and the inputs of that other pass."""
        raise NotImplementedError

    @contextmanager
    def altered(self, op: str) -> Iterator[None]:
        """See `Rule`."""
        cls = op_class(op)
        forward, vjp = cls.forward, cls.vjp

        @wraps(forward)
        def saving(op: Any, *inputs: Any) -> Any:
            return forward(op, *inputs)[0], inputs

        def wrong(op: Any, saved: Any, *cotangents: Any) -> Any:
            other, inputs = self.recall(op, saved)
            return vjp(other, forward(other, *inputs)[1], *cotangents)

        with exchanged(cls, forward=saving, vjp=wrong):
            yield


class Definition(Rule):
    """Another function with its own, right derivative: the op with other attributes."""

    verdicts = ANOTHER

    def other(self, op: Op) -> Op:
        """The op with other attributes."""
        raise NotImplementedError

    @contextmanager
    def altered(self, op: str) -> Iterator[None]:
        """See `Rule`."""
        cls = op_class(op)
        forward, vjp = cls.forward, cls.vjp

        @wraps(forward)
        def forward_of_other(op: Any, *inputs: Any) -> Any:
            return forward(self.other(op), *inputs)

        def vjp_of_other(op: Any, residuals: Any, *cotangents: Any) -> Any:
            return vjp(self.other(op), residuals, *cotangents)

        with exchanged(cls, forward=forward_of_other, vjp=vjp_of_other):
            yield

    def candidate(self, site: Site) -> Twins:
        """Torch's own function with other attributes."""
        from oracle.counterparts import counterpart
        from oracle.faults.tap import repaired

        def function(*inputs: Any, **attributes: Any) -> Any:
            other = self.other(op_class(site.op)(**attributes))
            changed = {each.name: getattr(other, each.name) for each in fields(other)}
            return counterpart(site.op)(*inputs, **changed)

        return Twins(repaired({site.op: function}), repaired())


class Rewritten(Rule):
    """A rule with one of its functions rewritten.

    The function may be one that several ops share: it is another one only while this op runs.
    """

    def body(self, op: str) -> Body | None:
        """What is rewritten; None where there is nothing of the kind."""
        raise NotImplementedError

    def concerns(self, op: str) -> bool:
        """See `Fault`."""
        return self.body(op) is not None

    @contextmanager
    def altered(self, op: str) -> Iterator[None]:
        """See `Rule`."""
        cls, body = op_class(op), self.body(op)
        assert body is not None

        def within(right: Any) -> Any:
            @wraps(right)
            def wrong(*arguments: Any) -> Any:
                with body.planted():
                    return right(*arguments)

            return wrong

        with exchanged(cls, **{rule: within(getattr(cls, rule)) for rule in body.rules}):
            yield
