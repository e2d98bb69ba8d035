"""Tables of every op, one file a family; the laws in `test_ops.py` hold on every row.

- `EXAMPLES`: rows; their values are drawn.  Degenerate shapes stand beside the ordinary ones, since laws
  have no exceptions.
- `EDGES`: a sentence, and the row, inputs, cotangent, output and cotangents of the inputs that it is about
  (tuples of cotangents and outputs where there are several).
- `REFUSED`: rows whose shapes do not fit, and how the message begins.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from tests.reference.example import Example

_TABLES = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]

EXAMPLES: tuple[Example, ...] = tuple(row for table in _TABLES for row in table.EXAMPLES)
EDGES: dict[str, tuple[Any, ...]] = {
    sentence: edge for table in _TABLES for sentence, edge in getattr(table, "EDGES", {}).items()
}
REFUSED: tuple[tuple[Example, str], ...] = tuple(
    refusal for table in _TABLES for refusal in getattr(table, "REFUSED", ())
)
