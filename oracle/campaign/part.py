"""A part of a campaign: the rows of some consecutive chunks, as one Parquet file.

A row is a case; its tensors are nested in it.  The columns are the fields of `CaseVerdict` and
`TensorVerdict`: text, integers, floats and truth values as they are, everything else as JSON text.  The
file's metadata holds what it takes to use the part without reading its rows: which chunks, of which
campaign, by which versions, and the account.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from oracle.campaign import account as accounts
from oracle.campaign.account import POISONED, Account, Row
from oracle.campaign.plan import Plan, chunk_hash
from oracle.judge.verdict import CaseVerdict, TensorVerdict

FORMAT = "backprop-oracle part 1"
NESTED = "tensors"
RENAMED = {"case_id": "case", "error_ulp": "error"}
_META = b"backprop-oracle"
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


class PartError(ValueError):
    """A file that is no whole part; the message is one line."""


@dataclass(frozen=True)
class Part:
    """A part that was found whole.

    Parameters
    ----------
    source : Path or bytes
        Where it is.
    chunks : range
        The chunks that it holds.
    identity : str
        That of the campaign.
    versions : dict
        Of what judged it.
    leaves : tuple of bytes
        Hash of each chunk.
    """

    source: Path | bytes
    chunks: range
    identity: str
    versions: dict[str, str]
    leaves: tuple[bytes, ...]

    def table(self) -> pa.Table:
        """Its rows, in order."""
        return pq.read_table(_open(self.source))


def encode(
    plan: Plan,
    chunks: range,
    rows: Sequence[Row],
    account: Account,
    versions: dict[str, str],
    environment: dict[str, Any],
) -> bytes:
    """The file of a part.

    Parameters
    ----------
    plan : Plan
        The campaign.
    chunks : range
        Consecutive chunks.
    rows : sequence of CaseVerdict or Poisoned
        All their cases, in order.
    account : Account
        The sums over the rows.
    versions, environment : dict
        Of the process that judged them.
    """
    record = {
        "format": FORMAT,
        "identity": plan.identity,
        "chunks": [chunks.start, chunks.stop],
        "versions": versions,
        "environment": environment,
        "leaves": [leaf.hex() for leaf in leaves(plan, chunks, map(_outcome, rows))],
        "account": account.record(),
    }
    table = table_of(rows).replace_schema_metadata({_META: json.dumps(record)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table: the case's dtype and index, the fields of its verdict, its tensors in a list."""
    tensors = [getattr(row, NESTED, ()) for row in rows]
    offsets = np.cumsum([0, *map(len, tensors)])
    nested = _columns(TensorVerdict, [tensor for its in tensors for tensor in its])
    names = [row.case_id.partition("/") for row in rows]
    return pa.table(
        {
            "dtype": pa.array([dtype for dtype, _, _ in names], pa.string()),
            "index": pa.array([int(index) for _, _, index in names], pa.int64()),
            **_columns(CaseVerdict, rows),
            "seconds": pa.array(
                [sum(getattr(row, "seconds", {}).values(), 0.0) for row in rows], pa.float64()
            ),
            NESTED: pa.ListArray.from_arrays(
                pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(nested.values(), nested.keys())
            ),
        }
    )


def leaves(plan: Plan, chunks: range, outcomes: Iterable[tuple[str, str, str]]) -> list[bytes]:
    """Leaves of the Merkle tree: the hash of each chunk, over its judged cases.

    The seed stands before the case id, which names a case within its campaign alone: all cases of two
    small campaigns may agree, and they are not the same cases.

    Parameters
    ----------
    plan : Plan
        The campaign.
    chunks : range
        Consecutive chunks.
    outcomes : iterable of (str, str, str)
        Case id, verdict and guilty op of all their cases, in order.
    """
    outcomes = iter(outcomes)
    found = []
    for number in chunks:
        cases = list(islice(outcomes, len(plan.chunk(number)[1])))
        judged = [(case, verdict, op) for case, verdict, op in cases if verdict != POISONED]
        found.append(chunk_hash((f"{plan.seed}:{case}", verdict, op) for case, verdict, op in judged))
    return found


def _outcome(row: Row) -> tuple[str, str, str]:
    return row.case_id, str(row.verdict), getattr(row, "op", "")


def read(source: Path | bytes) -> tuple[Part, Account, dict[str, Any]]:
    """A part, its account and its environment.

    Raises
    ------
    PartError
        If the file is damaged, or of another format.
    """
    try:
        record = json.loads(pq.read_schema(_open(source)).metadata[_META])
        if record["format"] != FORMAT:
            raise PartError(f"its format is {str(record['format'])[:60]!r}, not {FORMAT!r}")
        part = Part(
            source,
            range(*record["chunks"]),
            record["identity"],
            record["versions"],
            tuple(map(bytes.fromhex, record["leaves"])),
        )
        account = accounts.read(record["account"])
    except PartError:
        raise
    except Exception as error:  # whatever stands in a damaged file
        raise PartError(f"damaged ({type(error).__name__})") from None
    return part, account, record["environment"]


def _open(source: Path | bytes) -> Any:
    return pa.BufferReader(source) if isinstance(source, bytes) else source


def _columns(of: type, rows: Sequence[Any]) -> dict[str, pa.Array]:
    """One array for each field; a row that lacks it has a blank there."""
    columns = {}
    for name, kind in _kinds(of).items():
        if kind is None:
            texts = [json.dumps(getattr(row, name, None), sort_keys=True, default=str) for row in rows]
            columns[RENAMED.get(name, name)] = pa.array(texts, pa.string())
        else:
            values = [getattr(row, name, kind()) for row in rows]
            columns[RENAMED.get(name, name)] = pa.array(values, _TYPES[kind])
    return columns


@cache
def _kinds(of: type) -> dict[str, type | None]:
    """Python type of each field's column; None where it is JSON text."""
    hints = get_type_hints(of)
    plain = {
        field.name: str if issubclass(_class(hints[field.name]), str | Enum) else hints[field.name]
        for field in fields(of)
        if field.name not in (NESTED, "seconds")
    }
    return {name: kind if kind in _TYPES else None for name, kind in plain.items()}


def _class(hint: Any) -> type:
    return hint if isinstance(hint, type) else object
