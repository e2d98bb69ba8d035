"""Torch with faults planted in single ops: what a shrinker has to find again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from oracle.candidates.protocol import Candidate, Result
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case
from oracle.counterparts import counterpart
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict

When = Callable[[tuple[Any, ...], dict[str, Any]], bool]
DEEP = replace(load_profile("default"), depth=34, mean_depth=32)


def always(inputs: Any, attributes: Any) -> bool:
    return True


def scaled(op: str, argument: int | None = None, when: When = always, factor: float = 1.001) -> TorchAutograd:
    """Torch, one op of which scales its gradients: those of one argument, or all of them."""

    def function(*inputs: Any, **attributes: Any) -> Any:
        if not when(inputs, attributes):
            return counterpart(op)(*inputs, **attributes)
        if argument is None:
            result = counterpart(op)(*inputs, **attributes)
            for y in (result,) if isinstance(result, torch.Tensor) else result:
                _hooked(y, factor)
            return result
        seen = [x.view_as(x) if place == argument else x for place, x in enumerate(inputs)]
        _hooked(seen[argument], factor)
        return counterpart(op)(*seen, **attributes)

    return TorchAutograd({op: function})


def _hooked(tensor: Any, factor: float) -> None:
    if tensor.requires_grad:
        # an output that reaches nothing has no cotangent
        tensor.register_hook(lambda y_bar: None if y_bar is None else y_bar * factor)


def replaced(op: str, function: Callable[..., Any]) -> TorchAutograd:
    """Torch with another function in the place of an op."""
    return TorchAutograd({op: function})


@dataclass(frozen=True)
class ForgetsFanOut:
    """Torch, but of the cotangents of a wire that feeds several nodes only the last one counts."""

    name: str = "forgets"

    def __call__(self, architecture: Any, leaves: Any, cotangents: Any) -> Result:
        right = TorchAutograd()(architecture, leaves, cotangents)
        users = {
            leaf: {name for name, node in architecture.nodes.items() if leaf in node.inputs}
            for leaf in architecture.differentiable_leaves
        }
        wrong = {
            leaf: np.asarray(array * 0.5) if len(users[leaf]) > 1 else array
            for leaf, array in right.gradients.items()
        }
        return Result(right.outputs, wrong)


def failing(candidate: Candidate, op: str, dtype: str = "float64", seed: int = 1) -> tuple[Case, CaseVerdict]:
    """The first network of about 30 nodes that fails with this candidate."""
    for index in range(40):
        case = draw_case(seed, dtype, index, DEEP, (op,))
        if len(case.architecture.nodes) < 28:
            continue
        said = judge(case, candidate, sample=False)
        if said.verdict.fails and (not said.node or said.op == op):
            return case, said
    raise LookupError(f"no case of 40 fails at {op}")
