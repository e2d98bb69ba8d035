"""`report.json`: everything that a report says, as JSON values; `schema.json` documents each field."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pandas as pd

from oracle.campaign.gate import AGREE, Failure, exit_code, floor
from oracle.campaign.outcome import Outcome
from oracle.campaign.plan import CHUNK
from oracle.generate.cases import GENERATOR_VERSION
from oracle.generate.profile import load_profile
from oracle.judge.verdict import STEPS, CaseVerdict, Verdict
from oracle.report.folder import CASES
from reference.op import op_names

FORMAT = "backprop-oracle report 1"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
SAVED = 10  # failing cases whose files are kept; the others can be drawn again


def document(outcome: Outcome, failures: list[Failure], tensors: pd.DataFrame) -> dict[str, Any]:
    """The report of a campaign.

    Parameters
    ----------
    outcome : Outcome
        What came out of it.
    failures : list of Failure
        What the gate says of it.
    tensors : pandas.DataFrame
        Its table of tensors.
    """
    plan, judged = outcome.plan, outcome.verdicts
    return {
        "format": FORMAT,
        "campaign_identity": plan.identity,
        "outcome_identity": outcome.identity,
        "outcome_tree": {"chunk": CHUNK, "leaves": [leaf.hex() for leaf in outcome.leaves]},
        "seed": plan.seed,
        "range": {"start": 0, "stop": plan.cases},
        "generator_version": GENERATOR_VERSION,
        "profile": {"name": plan.profile, "identity": load_profile(plan.profile).identity},
        "dtypes": list(plan.dtypes),
        "ops": list(plan.ops),
        "all_ops": list(op_names()),
        "candidate": outcome.candidate,
        "cases": {
            "requested": plan.requested,
            "compared": len(judged),
            "discarded": 0,
            "vacuous": outcome.counts[Verdict.VACUOUS],
            "undecided": outcome.counts[Verdict.UNDECIDED],
            "kink": outcome.counts[Verdict.KINK],
            "poisoned": len(outcome.poisoned),
        },
        "verdicts": {verdict.value: outcome.counts[verdict] for verdict in Verdict},
        "tensors": _tensors(tensors),
        "coverage": _coverage(outcome),
        "decided_by": _decided_by(judged),
        "loose_screen": sum(verdict.loose_screen for verdict in judged),
        "detection_limit": {dtype: _limits(tensors[tensors["dtype"] == dtype]) for dtype in plan.dtypes},
        "throughput": _throughput(outcome),
        "disagreements": [
            _disagreement(verdict, position) for position, verdict in enumerate(outcome.failing)
        ],
        "poisoned": [{"case": case, "reason": why} for case, why in outcome.poisoned.items()],
        "findings": [],
        "gate": {"exit_code": exit_code(failures), "failures": [vars(failure) for failure in failures]},
        "environment": outcome.environment or None,
    }


def case_file(case_id: str) -> str:
    """Where a report keeps a failing case."""
    return f"{CASES}/{case_id.replace('/', '-')}.json"


def _disagreement(verdict: CaseVerdict, position: int) -> dict[str, Any]:
    return {
        "case": verdict.case_id,
        "verdict": verdict.verdict.value,
        "op": verdict.op,
        "step": verdict.step,
        "reason": verdict.reason,
        "file": case_file(verdict.case_id) if position < SAVED else None,
    }


def _decided_by(judged: list[CaseVerdict]) -> dict[str, int]:
    counts = Counter(verdict.step for verdict in judged)
    return {step: counts[step] for step in dict.fromkeys([*STEPS, *counts])}


def _tensors(tensors: pd.DataFrame) -> dict[str, Any]:
    agreeing = tensors[tensors["verdict"] == Verdict.AGREE.value]
    worst = agreeing["error"].max()
    return {
        "compared": len(tensors),
        "elements": int(tensors["elements"].sum()),
        "worst_error_ulp": 0.0 if pd.isna(worst) else float(worst),
        "verdicts": {verdict.value: int((tensors["verdict"] == verdict.value).sum()) for verdict in Verdict},
    }


def _limits(tensors: pd.DataFrame) -> dict[str, Any]:
    """Quantiles that are entries themselves, so that an infinite limit stays what it is."""
    agreeing = tensors[tensors["verdict"] == Verdict.AGREE.value]
    limits = agreeing["detection_limit"].dropna().sort_values(ignore_index=True)
    at = {q: math.ceil(q * len(limits)) - 1 for q in QUANTILES} if len(limits) else {}
    return {
        "estimated": len(limits),
        "quantiles": {str(q): float(limits.iloc[position]) for q, position in at.items()},
    }


def _coverage(outcome: Outcome) -> dict[str, Any]:
    seen = outcome.coverage
    pairs: dict[str, dict[str, int]] = {}
    for (source, target), count in sorted(seen.pairs.items()):
        pairs.setdefault(source, {})[target] = count
    attributes: dict[str, dict[str, dict[str, int]]] = {}
    for (op, attribute, value), count in sorted(seen.attributes.items()):
        attributes.setdefault(op, {}).setdefault(attribute, {})[value] = count
    ops = {
        op: {
            "cases": seen.cases[op],
            "featured": seen.featured[op],
            "decisive": seen.decisive[op],
            "floor": floor(outcome, op),
        }
        for op in op_names()
    }
    return {"ops": ops, "pairs": pairs, "attributes": attributes}


def _throughput(outcome: Outcome) -> dict[str, Any]:
    busy = sum(outcome.seconds.values())
    return {
        "cases_per_second_per_core": len(outcome.verdicts) / busy if busy else 0.0,
        "busy_seconds": float(busy),
        "start_seconds": float(outcome.start_seconds),
        "wall_seconds": float(outcome.wall_seconds),
        "jobs": outcome.jobs,
        "steps": {
            step: {"seconds": seconds, "share": seconds / busy if busy else 0.0}
            for step, seconds in outcome.seconds.items()
        },
    }


def passed(report: dict[str, Any]) -> bool:
    """Whether the gate let the campaign pass."""
    return bool(report["gate"]["exit_code"] == AGREE)
