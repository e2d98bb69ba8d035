"""The default candidate: the same network from torch's functions, differentiated by torch.autograd.

Source: A. Paszke et al., "PyTorch: an imperative style, high-performance deep learning library"
(2019).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from oracle.candidates.protocol import Array, Result
from oracle.counterparts import counterpart
from reference.architecture import Architecture


@dataclass(frozen=True)
class TorchAutograd:
    """Candidate that runs `oracle.counterparts` under torch.autograd on the CPU.

    Parameters
    ----------
    functions : mapping of str to callable
        Functions to take in place of the counterparts of some ops, called as these are.
    name : str
        What reports call it.
    """

    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    name: str = "torch.autograd"

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Outputs and gradients of all differentiable leaves; see `Candidate`.

        A leaf that no differentiable path connects with an output has the gradient 0; torch, which would
        refuse it, is not asked for that.  Whatever else torch does not find a path to is an error.
        """
        wires: dict[str | None, Any] = {None: None}
        wires.update((name, torch.from_numpy(array)) for name, array in leaves.items())
        for name in architecture.differentiable_leaves:
            wires[name].requires_grad_()
        for name in architecture.order:
            node = architecture.nodes[name]
            function = self.functions.get(node.op.name) or counterpart(node.op.name)
            try:
                result = function(*(wires[wire] for wire in node.inputs), **vars(node.op))
            except Exception as error:
                error.add_note(name)
                raise
            outputs = (result,) if isinstance(result, torch.Tensor) else result
            wires.update(zip(architecture.wires[name], outputs, strict=True))
        found = [name for name in architecture.differentiable_leaves if name in architecture.connected]
        leaves_bar = {}
        if found:
            ends = [wire for wire in architecture.outputs if wire in architecture.differentiable]
            x_bar = torch.autograd.grad(
                [wires[wire] for wire in ends],
                [wires[name] for name in found],
                [torch.from_numpy(cotangents[wire]) for wire in ends],
            )
            leaves_bar = {name: tensor.numpy() for name, tensor in zip(found, x_bar, strict=True)}
        for name in architecture.differentiable_leaves:
            if name not in leaves_bar:
                leaves_bar[name] = np.zeros_like(leaves[name])
        outputs = {wire: wires[wire].detach().numpy() for wire in architecture.outputs}
        return Result(outputs, leaves_bar)
