"""JSON that loses no bit of a float and holds no NaN token.

A float stands at its place as a plain number, or as ``"inf"``, ``"-inf"`` or ``"nan"``; and once more,
exact, in the document's `hex`: JSON pointer (RFC 6901) → `float.hex()`.  Readers that want numbers
ignore `hex`; `decode` takes every float from there.
"""

from __future__ import annotations

import json
import math
from typing import Any


def dumps(document: dict[str, Any]) -> str:
    """JSON text of a document whose values are plain Python values."""
    exact: dict[str, str] = {}
    text = {**_encode(document, "", exact), "hex": exact}
    return json.dumps(text, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def loads(text: str) -> dict[str, Any]:
    """The document that `dumps` was given.

    Raises
    ------
    ValueError
        If the text is not such a document.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("hex"), dict):
        raise ValueError("no object with an object `hex`")
    exact = document.pop("hex")
    decoded = _decode(document, "", exact)
    assert isinstance(decoded, dict)
    return decoded


def _encode(value: Any, pointer: str, exact: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _encode(entry, _below(pointer, key), exact) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(entry, _below(pointer, str(i)), exact) for i, entry in enumerate(value)]
    if isinstance(value, float):
        exact[pointer] = value.hex()
        return float(value) if math.isfinite(value) else str(float(value))
    return value


def _decode(value: Any, pointer: str, exact: dict[str, Any]) -> Any:
    if pointer in exact:
        return float.fromhex(str(exact[pointer]))
    if isinstance(value, dict):
        return {key: _decode(entry, _below(pointer, key), exact) for key, entry in value.items()}
    if isinstance(value, list):
        return [_decode(entry, _below(pointer, str(i)), exact) for i, entry in enumerate(value)]
    return value


def _below(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
