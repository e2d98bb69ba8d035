"""Every op alone, at a middling size: forward and vjp by the reference, and the same by torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike

from oracle.counterparts import counterpart
from reference.op import Op, Shape, op_class, op_names

SQUARE = (256, 256)


@dataclass(frozen=True)
class Subject:
    """Attributes of an op (its defaults unless given), shapes of its inputs (square unless given)."""

    attributes: dict[str, Any] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ()


IMAGES = (8, 64, 32, 32)
HEADS = (4, 8, 128, 64)
SUBJECTS = {  # by name of an op, or by that and what is special
    "avg_pool2d 2×2": Subject(shapes=(IMAGES,)),
    "concatenate": Subject(shapes=(SQUARE, SQUARE)),
    "conv2d 1×1": Subject(shapes=(IMAGES, (64, 64, 1, 1), (64,))),
    "conv2d 3×3": Subject({"padding": 1}, (IMAGES, (64, 64, 3, 3), (64,))),
    "conv2d 3×3, depthwise": Subject({"padding": 1, "groups": 64}, (IMAGES, (64, 1, 3, 3), (64,))),
    "conv2d 3×3, stride 2": Subject({"padding": 1, "stride": 2}, (IMAGES, (64, 64, 3, 3), (64,))),
    "conv2d 5×5": Subject({"padding": 2}, (IMAGES, (64, 64, 5, 5), (64,))),
    "cross_entropy": Subject(shapes=(SQUARE, SQUARE[:1])),
    "layer_norm": Subject({"normalized_shape": SQUARE[1:]}, (SQUARE, SQUARE[1:], SQUARE[1:])),
    "linear": Subject(shapes=(SQUARE, SQUARE, SQUARE[1:])),
    "max_pool2d 2×2": Subject(shapes=(IMAGES,)),
    "max_pool2d 3×3, stride 2": Subject({"kernel_size": 3, "stride": 2, "padding": 1}, (IMAGES,)),
    "reshape": Subject({"shape": (16, 16, 256)}),
    "scaled_dot_product_attention": Subject(shapes=(HEADS, HEADS, HEADS)),
    "sum": Subject({"dim": (1,)}),
}


def titles() -> list[str]:
    """Every op, or its lines of `SUBJECTS`."""
    lines = {name: [title for title in SUBJECTS if title.split()[0] == name] for name in op_names()}
    return [title for name, found in lines.items() for title in found or [name]]


def pair(title: str, dtype: DTypeLike) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The functions that run the op of that title forward and back: the reference's, and torch's.

    Raises
    ------
    LookupError
        If torch has no counterpart.
    ShapeError
        If the op does not take square inputs and has no line in `SUBJECTS`.
    """
    name = title.split()[0]
    subject = SUBJECTS.get(title, Subject())
    op = op_class(name)(**subject.attributes)
    shapes = subject.shapes or (SQUARE,) * op.signature().required
    rng = np.random.default_rng(0)
    arrays = [_draw(rng, op, position, shape, dtype) for position, shape in enumerate(shapes)]
    cotangents = [rng.standard_normal(shape).astype(dtype) for shape in op.infer(*shapes)]
    names = op.signature()
    tensors = [
        torch.from_numpy(array).requires_grad_(names.name(position) not in op.kinds)
        for position, array in enumerate(arrays)
    ]
    floating = [tensor for tensor in tensors if tensor.requires_grad]
    varying = [k for k in range(len(cotangents)) if k not in op.constant_outputs]
    seeds = [torch.as_tensor(cotangents[k]) for k in varying]
    attributes = {each.name: getattr(op, each.name) for each in fields(op)}
    call = counterpart(name)

    def by_reference() -> Any:
        _, residuals = op.forward(*arrays)
        return op.vjp(residuals, *cotangents)

    def by_torch() -> Any:
        found = call(*tensors, **attributes)
        outputs = (found,) if isinstance(found, torch.Tensor) else found
        return torch.autograd.grad([outputs[k] for k in varying], floating, seeds)

    return by_reference, by_torch


def _draw(rng: np.random.Generator, op: Op, position: int, shape: Shape, dtype: DTypeLike) -> Any:
    kind = op.kinds.get(op.signature().name(position), "floating")
    if kind == "index":
        return rng.integers(SQUARE[1], size=shape)
    return rng.random(shape) < 0.5 if kind == "mask" else rng.standard_normal(shape).astype(dtype)
