"""`report.json`: everything that a report says, as JSON values; `schema.json` documents each field."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from oracle.campaign.account import Account
from oracle.campaign.gate import AGREE, Failure, exit_code, floor
from oracle.campaign.outcome import Outcome
from oracle.campaign.plan import CHUNK
from oracle.findings.groups import Group
from oracle.findings.met import Met
from oracle.generate.cases import GENERATOR_VERSION
from oracle.generate.profile import load_profile
from oracle.judge.verdict import STEPS, Verdict
from oracle.report.folder import CASES
from oracle.report.power import power
from reference.op import op_names

FORMAT = "backprop-oracle report 1"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
SAVED = 10  # failing cases whose files are kept; the others can be drawn again


def document(outcome: Outcome, failures: list[Failure], met: Met) -> dict[str, Any]:
    """The report of a campaign.

    Parameters
    ----------
    outcome : Outcome
        What came out of it.
    failures : list of Failure
        What the gate says of it.
    met : Met
        Its failing cases, shrunk and looked up.
    """
    plan, account = outcome.plan, outcome.account
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
        "certify": plan.certify,
        "all_ops": list(op_names()),
        "candidate": outcome.candidate,
        "cases": _cases(outcome),
        "verdicts": {verdict.value: outcome.counts[verdict] for verdict in Verdict},
        "tensors": _tensors(account),
        "coverage": _coverage(outcome),
        "decided_by": _decided_by(account),
        "loose_screen": account.loose_screen,
        "accuracy": {dtype: _accuracy(account, dtype) for dtype in plan.dtypes},
        "detection_limit": {dtype: _limits(account.limits.get(dtype, {})) for dtype in plan.dtypes},
        "throughput": _throughput(outcome),
        "disagreements": _disagreements(account),
        "poisoned": [{"case": case, "reason": why} for case, why in account.poisoned.items()],
        "findings": [_finding(group) for group in met.groups],
        "register": {
            "name": met.register.name,
            "findings": len(met.register.findings),
            "identity": met.register.identity,
            "unseen": met.unseen,
        },
        "power": power(),
        "gate": {"exit_code": exit_code(failures), "failures": [vars(failure) for failure in failures]},
        "environment": outcome.environment or None,
    }


def _disagreements(account: Account) -> list[dict[str, Any]]:
    return [
        {**row, "file": case_file(row["case"]) if position < SAVED else None}
        for position, row in enumerate(account.failing)
    ]


def _finding(group: Group) -> dict[str, Any]:
    first, finding = group.first, group.finding
    return {
        "id": finding.id if finding else None,
        "title": finding.title if finding else group.told,
        "verdict": first.failure.verdict.value,
        "op": first.failure.op,
        "tensor": first.failure.tensor,
        "cases": [each.case_id for each in group.members],
        "file": case_file(first.case_id).replace(".json", "-shrunk.json"),
        "script": case_file(first.case_id).replace(".json", "-torch.py"),
    }


def _cases(outcome: Outcome) -> dict[str, int]:
    return {
        "requested": outcome.plan.requested,
        "compared": outcome.compared,
        "discarded": 0,
        "vacuous": outcome.counts[Verdict.VACUOUS],
        "undecided": outcome.counts[Verdict.UNDECIDED],
        "kink": outcome.counts[Verdict.KINK],
        "poisoned": outcome.poisoned,
        "certified": outcome.account.certified,
    }


def case_file(case_id: str) -> str:
    """Where a report keeps a failing case."""
    return f"{CASES}/{case_id.replace('/', '-')}.json"


def _decided_by(account: Account) -> dict[str, int]:
    return {step: account.decided_by[step] for step in dict.fromkeys([*STEPS, *account.decided_by])}


def _tensors(account: Account) -> dict[str, Any]:
    return {
        "compared": account.tensors.total(),
        "elements": account.elements,
        "worst_error_ulp": account.worst_error,
        "verdicts": {verdict.value: account.tensors[verdict.value] for verdict in Verdict},
    }


def _limits(counts: Mapping[str, int]) -> dict[str, Any]:
    """Quantiles that are entries themselves, to three digits; an infinite limit stays what it is."""
    limits = sorted((float(limit), count) for limit, count in counts.items())
    below = list(accumulate(count for _, count in limits))
    total = below[-1] if below else 0
    at = {q: bisect_left(below, math.ceil(q * total)) for q in QUANTILES} if total else {}
    return {"estimated": total, "quantiles": {str(q): limits[place][0] for q, place in at.items()}}


def _accuracy(account: Account, dtype: str) -> dict[str, Any]:
    """Per op, quantiles of either side's error against the certified truth, in ulps."""
    ops: dict[str, dict[str, Any]] = {}
    for key, counts in sorted(account.accuracy.items()):
        of, op, side = key.split("/")
        if of == dtype:
            quantiles = _limits(counts)
            ops.setdefault(op, {})["tensors"] = quantiles["estimated"]
            ops[op][side] = quantiles["quantiles"]
    return ops


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
        "cases_per_second_per_core": outcome.compared / busy if busy else 0.0,
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
