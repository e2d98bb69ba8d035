"""Torch with something planted in it: what passes backward is heard, and ops are grafted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import numpy as np
import torch

from oracle.candidates.torch_autograd import TorchAutograd
from oracle.counterparts import counterpart
from oracle.findings.register import load
from reference.op import Array, op_class


def plain(tensor: Any) -> Array:
    """A tensor's values, in its memory layout."""
    return tensor.detach().numpy()


def fresh(array: Array) -> Any:
    """A tensor of its own, for torch to keep."""
    return torch.from_numpy(np.array(array, order="C"))


def tap(tensor: Any, change: Callable[[Array], Array]) -> Any:
    """The same tensor, whose cotangent is replaced by what `change` makes of it."""
    return _Tap.apply(tensor, change) if tensor.requires_grad else tensor  # type: ignore[no-untyped-call]


class _Tap(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: Any, change: Any) -> Any:
        ctx.change = change
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, *y_bar: Any) -> Any:
        (given,) = y_bar
        array = plain(given)
        changed = ctx.change(array)
        return (given if changed is array else fresh(changed)), None


class Grafted(torch.autograd.Function):
    """An op of the reference inside torch: its forward pass, and its rule."""

    @staticmethod
    def forward(ctx: Any, op: Any, rules: Any, *tensors: Any) -> Any:
        """Outputs of the op, by the `forward` and `vjp` that the context `rules()` gives."""
        arrays = [None if tensor is None else plain(tensor) for tensor in tensors]
        with rules() as (forward, _), np.errstate(all="ignore"):
            outputs, ctx.residuals = forward(op, *arrays)
        ctx.op, ctx.rules, ctx.count = op, rules, len(tensors)
        results = tuple(fresh(y) for y in outputs)
        ctx.mark_non_differentiable(*(results[place] for place in op.constant_outputs))
        return results

    @staticmethod
    def backward(ctx: Any, *y_bar: Any) -> Any:
        """Cotangents of the inputs."""
        with ctx.rules() as (_, vjp), np.errstate(all="ignore"):
            x_bar = vjp(ctx.op, ctx.residuals, *(plain(given) for given in y_bar))
        shares = [None if share is None else fresh(share) for share in x_bar]
        return None, None, *shares, *[None] * (ctx.count - len(shares))


Rules = Callable[[], AbstractContextManager[tuple[Callable[..., Any], Callable[..., Any]]]]


def grafted(op: str, rules: Rules) -> Callable[..., Any]:
    """A function for `TorchAutograd` that computes an op by the reference's rules."""

    def function(*inputs: Any, **attributes: Any) -> Any:
        return Grafted.apply(op_class(op)(**attributes), rules, *inputs)  # type: ignore[no-untyped-call]

    return function


def sound(op: str) -> Callable[..., Any]:
    """The counterpart of an op; where torch is known to have it wrong, the reference's rules inside torch.

    A fault that is planted beside another one could not be told from it.
    """
    if op not in _known_wrong():
        return counterpart(op)
    rules = op_class(op).forward, op_class(op).vjp  # as they are now, whatever is planted later
    return grafted(op, lambda: nullcontext(rules))


def repaired(functions: Mapping[str, Callable[..., Any]] | None = None) -> TorchAutograd:
    """Torch without what it is known to have wrong, and with these functions in the place of ops."""
    return TorchAutograd({**{op: sound(op) for op in _known_wrong()}, **(functions or {})})


@cache
def _known_wrong() -> frozenset[str]:
    """Ops that a registered finding is about."""
    return frozenset(finding.op for finding in load())
