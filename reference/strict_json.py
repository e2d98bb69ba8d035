"""JSON as files from strangers need it read: no key twice, no NaN, no depth that ends the interpreter."""

from __future__ import annotations

import json
from typing import Any


def loads(text: str) -> Any:
    """Read JSON text.

    Raises
    ------
    ValueError
        If it is not JSON, names a key twice, holds NaN or an infinity, or is nested too deep; the message
        is one line.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except _RefusedError:
        raise
    except RecursionError:
        raise ValueError("JSON nested too deep") from None
    except ValueError as error:  # a number of thousands of digits, too
        raise ValueError(f"not JSON: {error}") from None


class _RefusedError(ValueError):
    """JSON by the letter, but not read."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RefusedError(f"key {key[:80]!r} is given twice in one object")
        found[key] = value
    return found


def _no_constant(text: str) -> None:
    raise _RefusedError(f"{text} is not JSON; write floats as float.hex() does")
