"""The tables of a report, as pandas DataFrames."""

from __future__ import annotations

import pandas as pd

from oracle.campaign.outcome import Outcome

POISONED = "poisoned"


def cases(outcome: Outcome) -> pd.DataFrame:
    """One row per case, poisoned ones included.

    Columns: `case` (its id), `dtype`, `index`, `verdict` (or ``"poisoned"``), `op` (the guilty one),
    `step` (that decided), `reason`, `straddled` (decisions met), `tensors` (compared), `seconds`.
    """
    judged, poisoned = outcome.verdicts, outcome.poisoned
    ids = [verdict.case_id for verdict in judged] + list(poisoned)
    blank = [""] * len(poisoned)
    zero = [0] * len(poisoned)
    table = pd.DataFrame(
        {
            "case": pd.array(ids, dtype="str"),
            "dtype": pd.array([case.partition("/")[0] for case in ids], dtype="str"),
            "index": pd.array([int(case.partition("/")[2]) for case in ids], dtype="int64"),
            "verdict": pd.array([v.verdict.value for v in judged] + [POISONED] * len(poisoned), dtype="str"),
            "op": pd.array([v.op for v in judged] + blank, dtype="str"),
            "step": pd.array([v.step for v in judged] + blank, dtype="str"),
            "reason": pd.array([v.reason for v in judged] + list(poisoned.values()), dtype="str"),
            "straddled": pd.array([v.straddled for v in judged] + zero, dtype="int64"),
            "tensors": pd.array([len(v.tensors) for v in judged] + zero, dtype="int64"),
            "seconds": pd.array([sum(v.seconds.values()) for v in judged] + zero, dtype="float64"),
        }
    )
    return table.sort_values(["dtype", "index"], ascending=[False, True], ignore_index=True)


def tensors(outcome: Outcome) -> pd.DataFrame:
    """One row per compared tensor.

    Columns: `case`, `op` (that it feeds or leaves), `role`, `name`, `dtype`, `elements`, `verdict`,
    `step`, `error` (the largest, in ulps of the tensor's largest entry; NaN where nothing was compared),
    `detection_limit` (the smallest relative error, in the 2-norm, that would have been rejected; NaN
    where it was not estimated), `reason`.
    """
    pairs = [(verdict.case_id, tensor) for verdict in outcome.verdicts for tensor in verdict.tensors]
    table = pd.DataFrame(
        {
            "case": pd.array([case for case, _ in pairs], dtype="str"),
            "op": pd.array([t.op for _, t in pairs], dtype="str"),
            "role": pd.array([t.role for _, t in pairs], dtype="str"),
            "name": pd.array([t.name for _, t in pairs], dtype="str"),
            "dtype": pd.array([case.partition("/")[0] for case, _ in pairs], dtype="str"),
            "elements": pd.array([t.elements for _, t in pairs], dtype="int64"),
            "verdict": pd.array([t.verdict.value for _, t in pairs], dtype="str"),
            "step": pd.array([t.step for _, t in pairs], dtype="str"),
            "error": [float(t.error_ulp) for _, t in pairs],
            "detection_limit": [float(t.detection_limit) for _, t in pairs],
            "reason": pd.array([t.reason for _, t in pairs], dtype="str"),
        }
    )
    return table.astype({"error": "float64", "detection_limit": "float64"})
