"""JSON as files from strangers need it read: no key twice, no NaN, and bounds on size and nesting."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

VALUES = 2**22  # a value takes about 100 bytes of memory, and a list of nothing three in a file


def text_of(path: Path, most: int) -> str:
    """The text of a file that is one, and no larger than `most` bytes: of any other nothing is read.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is a folder, a device or a pipe, which may have no end, is too large, or is not UTF-8.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe is not waited for
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if status.st_size > most:
            raise ValueError(f"{status.st_size:,} bytes; at most {most:,} are read")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            text = file.read(most + 1)  # it may grow, and those of /proc say that they have no size
    finally:
        os.close(descriptor)
    if len(text) > most:
        raise ValueError(f"more than {most:,} bytes; no more are read")
    return text.decode("utf-8")


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
