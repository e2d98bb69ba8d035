"""For every op, the torch call that means the same.

One module per family, one function per op, named like the op, its tensors positional and its
attributes as keywords.  Each is written from torch's documentation and never from the reference, so
that one misunderstanding does not stand on both sides; import-linter holds these modules apart.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def counterpart(name: str) -> Callable[..., Any]:
    """The torch function for the op called `name`.

    Raises
    ------
    LookupError
        If no family has one.
    """
    for module in pkgutil.iter_modules(__path__):
        found: Callable[..., Any] | None = vars(importlib.import_module(f"{__name__}.{module.name}")).get(
            name
        )
        if found is not None:
            return found
    raise LookupError(f"op {name} has no counterpart in oracle/counterparts")
