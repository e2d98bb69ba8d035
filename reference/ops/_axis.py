"""What all ops along one axis share: the check that it is there."""

from __future__ import annotations

from reference.op import Op, Shape
from reference.shapes import normalize_axis


def axis_of(op: Op, argument: str, shape: Shape, attribute: str = "dim") -> int:
    """The axis that an attribute of the op names, counted from the front; refuses a shape without it."""
    dim = getattr(op, attribute)
    axis = normalize_axis(dim, len(shape))
    if axis is None:
        raise op.refuse(argument, shape, f"has no axis {attribute}={dim}")
    return axis
