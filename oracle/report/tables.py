"""The tables of a report, made from the parts of a campaign, one part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from oracle.campaign.outcome import Outcome
from oracle.campaign.part import NESTED, table_of

ROWS = 2**16  # of a row group
_CASES = ("case", "dtype", "index", "verdict", "op", "step", "reason", "straddled", "tensors", "seconds")
_TENSORS = (
    "case",
    "op",
    "role",
    "name",
    "dtype",
    "elements",
    "verdict",
    "step",
    "error",
    "detection_limit",
    "reason",
)
Of = Callable[[pa.Table], pa.Table]


def cases(part: pa.Table) -> pa.Table:
    """One row per case, poisoned ones included.

    Columns: `case` (its id), `dtype`, `index`, `verdict` (or ``"poisoned"``), `op` (the guilty one),
    `step` (that decided), `reason`, `straddled` (decisions met), `tensors` (compared), `seconds`; then
    the other fields of `CaseVerdict`.
    """
    counts = pc.list_value_length(part[NESTED]).cast(pa.int64())
    return _ordered(part.drop_columns([NESTED]).append_column("tensors", counts), _CASES)


def tensors(part: pa.Table) -> pa.Table:
    """One row per compared tensor.

    Columns: `case`, `op` (that it feeds or leaves), `role`, `name`, `dtype`, `elements`, `verdict`,
    `step`, `error` (the largest, in ulps of the tensor's largest entry; NaN where nothing was compared),
    `detection_limit` (the smallest relative error, in the 2-norm, that would have been rejected; NaN
    where it was not estimated), `reason`; then the other fields of `TensorVerdict`.
    """
    whose = pc.list_parent_indices(part[NESTED])
    table = pa.Table.from_struct_array(pc.list_flatten(part[NESTED]))
    for name in ("case", "dtype"):
        table = table.append_column(name, part[name].take(whose))
    return _ordered(table, _TENSORS)


def of_outcome(outcome: Outcome, of: Of) -> Iterator[pa.Table]:
    """A table of a whole outcome, in pieces: dtype by dtype, in the order of indices."""
    waiting: list[pa.Table] = []
    for dtype in outcome.plan.dtypes:
        for part in outcome.parts:
            rows = part.table()
            waiting.append(of(rows.filter(pc.equal(rows["dtype"], dtype))))
            if sum(map(len, waiting)) >= ROWS:
                yield pa.concat_tables(waiting)
                waiting = []
    yield pa.concat_tables([*waiting, empty(of)])


def empty(of: Of) -> pa.Table:
    """The table without rows."""
    return of(table_of([]))


def _ordered(table: pa.Table, first: tuple[str, ...]) -> pa.Table:
    return table.select([*first, *(name for name in table.column_names if name not in first)])
