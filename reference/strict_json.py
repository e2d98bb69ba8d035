"""JSON as files from strangers need it read: no key twice, no NaN, nesting and number of values bounded."""

from __future__ import annotations

import json
from typing import Any

VALUES = 2**22  # a value takes about 100 bytes of memory, and a list of nothing three in a file


def loads(text: str) -> Any:
    """Read JSON text.

    Raises
    ------
    ValueError
        If it is not JSON, names a key twice, holds NaN or an infinity, is nested too deep, or holds more
        than `VALUES` values; the message is one line.
    """
    if sum(map(text.count, ",[{")) > VALUES:
        raise ValueError(f"more than {VALUES:,} values; arrays are written as hexadecimal text")
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
