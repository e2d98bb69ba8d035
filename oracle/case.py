"""A case: one network with the exact bits of everything that enters it.

Its file is one JSON object that needs nothing else: arrays as hexadecimal little-endian bytes, with
shape and memory layout.  Reading checks every field and never unpickles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.layouts import LAYOUTS, arrange
from reference import strict_json
from reference.architecture import FLOATING, MAX_TEXT, Architecture, ArchitectureError, from_json
from reference.shapes import size

Array = NDArray[Any]
DTYPES = ("float32", "float64")
FORMAT = "backprop-oracle case 1"
MAX_ENTRIES = 2**23  # of leaves and cotangents together: the next power of two that holds what profiles draw
MAX_FILE = 2 * 8 * MAX_ENTRIES + MAX_TEXT  # bytes: two digits for each byte of a number, and the architecture


class CaseError(ValueError):
    """A case file that is refused; the message is one line."""


@dataclass(frozen=True)
class Origin:
    """Where a drawn case came from: enough to draw it again."""

    seed: int
    generator: int
    profile: str
    ops: tuple[str, ...]
    dtype: str
    index: int

    @property
    def case_id(self) -> str:
        """Name of the case within its campaign, e.g. ``"float64/17"``."""
        return f"{self.dtype}/{self.index}"


@dataclass(frozen=True, eq=False)
class Case:
    """One network, the values of its leaves and the cotangents of its outputs.

    Parameters
    ----------
    architecture : Architecture
        The network.
    dtype : {"float32", "float64"}
        Dtype of all floating arrays.
    leaves, cotangents : mapping of str to numpy.ndarray
        Values by leaf, and cotangents by output wire, in their memory layouts.
    layouts : mapping of str to str
        Layout of each of them, by name; a wire is never both a leaf and an output.
    origin : Origin, optional
        How it was drawn.
    """

    architecture: Architecture
    dtype: str
    leaves: Mapping[str, Array]
    cotangents: Mapping[str, Array]
    layouts: Mapping[str, str]
    origin: Origin | None = None

    @property
    def case_id(self) -> str:
        """Name of the case within its campaign; ``"file"`` for one that was not drawn."""
        return self.origin.case_id if self.origin else "file"

    def astype(self, dtype: str) -> Case:
        """The same case with the same values in another dtype."""

        def convert(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {
                name: arrange(array.astype(dtype), self.layouts[name]) if array.dtype.kind == "f" else array
                for name, array in arrays.items()
            }

        return Case(
            self.architecture,
            dtype,
            convert(self.leaves),
            convert(self.cotangents),
            self.layouts,
            self.origin,
        )


def dumps(case: Case) -> str:
    """The case as JSON text."""
    origin = case.origin
    record = {
        "format": FORMAT,
        "architecture": case.architecture.to_json(),
        "dtype": case.dtype,
        "leaves": {name: _encode(array, case.layouts[name]) for name, array in case.leaves.items()},
        "cotangents": {name: _encode(array, case.layouts[name]) for name, array in case.cotangents.items()},
        "origin": None if origin is None else {**vars(origin), "ops": list(origin.ops)},
    }
    return json.dumps(record, sort_keys=True, allow_nan=False)


def read(path: Path) -> Case:
    """Read a case file.

    Raises
    ------
    CaseError
        If the file cannot be read or is not a case.
    """
    try:
        return loads(strict_json.text_of(path, MAX_FILE))
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise CaseError(f"{path}: {error}") from None


def loads(text: str) -> Case:
    """Read a case from JSON text.

    Raises
    ------
    CaseError
        If the text is not a case.
    """
    try:
        record = strict_json.loads(text)
    except ValueError as error:
        raise CaseError(str(error)) from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise CaseError(f"not a case: needs an object whose format is {FORMAT!r}")
    wanted = {"format", "architecture", "dtype", "leaves", "cotangents", "origin"}
    if record.keys() != wanted:
        raise CaseError(f"needs the keys {', '.join(sorted(wanted))} and no others")
    if record["dtype"] not in DTYPES:
        raise CaseError(f"dtype: needs one of {', '.join(DTYPES)}")
    try:
        architecture = from_json(record["architecture"])
    except ArchitectureError as error:
        raise CaseError(str(error)) from None
    return _bind(architecture, record)


def _bind(architecture: Architecture, record: dict[str, Any]) -> Case:
    dtype = record["dtype"]
    layouts: dict[str, str] = {}
    arrays: dict[str, dict[str, Array]] = {}
    for group, names in (("leaves", set(architecture.leaves)), ("cotangents", set(architecture.outputs))):
        entries = record[group]
        if not isinstance(entries, dict) or entries.keys() != names:
            raise CaseError(f"{group}: needs an array for each of {sorted(names)} and for nothing else")
        arrays[group] = {}
        for name, entry in entries.items():
            leaf = architecture.leaves.get(name)
            kind = dtype if leaf is None or leaf.kind in FLOATING else _INTEGRAL[leaf.kind]
            array = _decode(entry, architecture.shapes[name], kind, f"{group}: {name}")
            if leaf is not None and leaf.bound is not None:
                _check_index(array, leaf.bound, f"{group}: {name}")
            if leaf is None and name not in architecture.differentiable and array.any():
                raise CaseError(f"{group}: {name} is not differentiable: its cotangent is 0")
            arrays[group][name], layouts[name] = array, entry["layout"]
    return Case(
        architecture, dtype, arrays["leaves"], arrays["cotangents"], layouts, _origin(record["origin"], dtype)
    )


_INTEGRAL = {"index": "int64", "mask": "bool"}


def _encode(array: Array, layout: str) -> dict[str, Any]:
    little = np.array(array, dtype=array.dtype.newbyteorder("<"), order="C")
    return {"shape": list(array.shape), "layout": layout, "hex": little.tobytes().hex()}


def _decode(entry: object, shape: tuple[int, ...], dtype: str, where: str) -> Array:
    if not isinstance(entry, dict) or entry.keys() != {"shape", "layout", "hex"}:
        raise CaseError(f"{where}: needs an object with shape, layout and hex")
    if entry["shape"] != list(shape):
        told = json.dumps(entry["shape"])[:80]
        raise CaseError(f"{where}: shape {told} is not {list(shape)}, the shape of that wire")
    if entry["layout"] not in LAYOUTS:
        raise CaseError(f"{where}: layout needs one of {', '.join(LAYOUTS)}")
    try:
        raw = bytes.fromhex(entry["hex"])
    except (TypeError, ValueError):
        raise CaseError(f"{where}: hex is not hexadecimal") from None
    wanted = size(shape) * np.dtype(dtype).itemsize
    if len(raw) != wanted:
        raise CaseError(f"{where}: hex holds {len(raw)} bytes; {wanted} are needed for {dtype} {shape}")
    if dtype == "bool" and raw.translate(None, b"\0\1"):
        raise CaseError(f"{where}: a mask holds bytes 00 and 01 alone")
    values = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)
    try:
        return arrange(values, entry["layout"])
    except ValueError as error:
        raise CaseError(f"{where}: {error}") from None


def _check_index(array: Array, bound: int, where: str) -> None:
    if array.size and not 0 <= array.min() <= array.max() < bound:
        raise CaseError(f"{where}: an index lies outside 0 … {bound - 1}")


def _origin(value: object, dtype: str) -> Origin | None:
    if value is None:
        return None
    types = {"seed": int, "generator": int, "profile": str, "ops": list, "dtype": str, "index": int}
    if (
        not isinstance(value, dict)
        or value.keys() != types.keys()
        or not all(type(value[key]) is wanted for key, wanted in types.items())
        or not all(isinstance(op, str) for op in value["ops"])
    ):
        raise CaseError(f"origin: needs null or an object with {', '.join(types)}")
    if value["dtype"] != dtype or not min(value["seed"], value["index"], value["generator"]) >= 0:
        raise CaseError("origin: dtype is not the case's, or seed, index or generator is negative")
    if not all(re.fullmatch(r"[\w-]{1,64}", name) for name in (value["profile"], *value["ops"])):
        raise CaseError("origin: profile and ops are names of letters, digits, _ and -")
    return Origin(**{**value, "ops": tuple(value["ops"])})
