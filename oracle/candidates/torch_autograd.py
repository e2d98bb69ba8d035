"""The default candidate: the same network from torch's functions, differentiated by torch.autograd.

Source: A. Paszke et al., "PyTorch: an imperative style, high-performance deep learning library"
(2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import torch

from oracle.candidates.protocol import Array, Result
from oracle.counterparts import counterpart
from reference.architecture import Architecture


class TorchAutograd:
    """Candidate that runs `oracle.counterparts` under torch.autograd on the CPU."""

    name = "torch.autograd"

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Outputs and gradients of all floating leaves; see `Candidate`."""
        wires: dict[str | None, torch.Tensor | None] = {None: None}
        wires.update((name, torch.from_numpy(array)) for name, array in leaves.items())
        differentiated = architecture.floating_leaves
        inputs = [wires[name].requires_grad_() for name in differentiated]  # type: ignore[union-attr]
        for name in architecture.order:
            node = architecture.nodes[name]
            attributes = {field.name: getattr(node.op, field.name) for field in fields(node.op)}
            result = counterpart(node.op.name)(*(wires[wire] for wire in node.inputs), **attributes)
            outputs = (result,) if isinstance(result, torch.Tensor) else result
            wires.update(zip(architecture.wires[name], outputs, strict=True))
        outputs = [wires[wire] for wire in architecture.outputs]
        y_bar = [torch.from_numpy(cotangents[wire]) for wire in architecture.outputs]
        x_bar = torch.autograd.grad(outputs, inputs, y_bar)
        return Result(
            {
                wire: tensor.detach().numpy()
                for wire, tensor in zip(architecture.outputs, outputs, strict=True)
            },
            {leaf: tensor.numpy() for leaf, tensor in zip(differentiated, x_bar, strict=True)},
        )
