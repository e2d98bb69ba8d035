"""One case again: where to find it, and what to show of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from oracle.campaign.plan import Plan
from oracle.case import Case, CaseError, read
from oracle.generate.cases import GENERATOR_VERSION, draw_case
from oracle.generate.profile import load_profile, profile_names
from oracle.judge.verdict import CaseVerdict, TensorVerdict
from oracle.report.certificates import certificate_lines
from oracle.report.load import load_document
from oracle.report.terminal import wrapped


def locate(text: str) -> Case:
    """The case that a user named: a case file, or REPORT_DIR:CASE_ID, drawn again.

    Raises
    ------
    CaseError, ReportError
        If there is none; the message is one line.
    """
    folder, colon, case_id = text.rpartition(":")
    if not colon or Path(text).exists():
        return read(Path(text))
    report = load_document(Path(folder))
    dtype, _, index = case_id.partition("/")
    try:
        plan = plan_of(report, folder)
        known = dtype in plan.dtypes and index.isascii() and index.isdigit() and int(index) < plan.cases
    except (KeyError, TypeError, AttributeError):
        raise CaseError(f"{folder}: its report.json lacks what a campaign is drawn from") from None
    if not known:
        held = ", ".join(f"{dtype}/0 … {dtype}/{plan.cases - 1}" for dtype in plan.dtypes)
        raise CaseError(f"{folder}: no case {case_id[:40]!r}; it holds {held}")
    return draw_case(plan.seed, dtype, int(index), load_profile(plan.profile), plan.ops)


def plan_of(report: dict[str, Any], folder: str) -> Plan:
    """The plan of a report, if this version draws the same cases."""
    version, profile = report["generator_version"], report["profile"]["name"]
    if version != GENERATOR_VERSION:
        raise CaseError(
            f"{folder}: drawn by generator version {version}, and this is {GENERATOR_VERSION}; replay with "
            "the version that wrote the report, or one of its case files"
        )
    if profile not in profile_names():
        raise CaseError(f"{folder}: there is no profile {profile!r} any more")
    plan = Plan(
        report["seed"],
        report["range"]["stop"],
        tuple(report["dtypes"]),
        profile,
        tuple(report["ops"]),
        report["certify"],
    )
    if plan.identity != report["campaign_identity"]:
        raise CaseError(
            f"{folder}: ops or profile are not those that it was drawn from; replay with the version that "
            "wrote the report, or one of its case files"
        )
    return plan


def describe(case: Case, verdict: CaseVerdict) -> list[str]:
    """The network, node by node, the verdict, and a table of the tensors."""
    network, origin = case.architecture, case.origin
    drawn = f", seed {origin.seed}, profile {origin.profile}, generator {origin.generator}" if origin else ""
    lines = [
        f"case {case.case_id} in {case.dtype}{drawn}",
        f"network {network.identity[:16]}: {len(network.nodes)} nodes, {network.parameters:,} parameters",
        *(f"  {_leaf(case, name)}" for name in sorted(network.leaves, key=_natural)),
        *(f"  {_node(case, name)}" for name in network.order),
        f"outputs {', '.join(network.outputs)}",
        "",
        *_table(verdict.tensors),
        "",
        *([f"straddled decisions: {verdict.straddled}"] if verdict.straddled else []),
        *(["loose screen: it passed what the rule rejects"] if verdict.loose_screen else []),
    ]
    said = f"{verdict.verdict.value}{' at ' + verdict.op if verdict.op else ''}, decided by {verdict.step}"
    lines += [f"  {line}" for line in certificate_lines(verdict.certificate)]
    lines.append(f"verdict: {said}{': ' + verdict.reason if verdict.reason else ''}")
    return [part for line in lines for part in wrapped(line)]


def _natural(name: str) -> tuple[int, str]:
    return len(name), name


def _leaf(case: Case, name: str) -> str:
    leaf, layout = case.architecture.leaves[name], case.layouts[name]
    return f"{name}: {leaf.kind} {leaf.shape}{'' if layout == 'contiguous' else ', ' + layout}"


def _node(case: Case, name: str) -> str:
    node = case.architecture.nodes[name]
    attributes = [f"{f.name}={getattr(node.op, f.name)!r}" for f in fields(node.op)]
    arguments = ", ".join([*map(str, node.inputs), *attributes])
    shapes = ", ".join(str(case.architecture.shapes[wire]) for wire in case.architecture.wires[name])
    return f"{name} = {node.op.name}({arguments}) → {shapes}"


def _table(tensors: tuple[TensorVerdict, ...]) -> Iterator[str]:
    if not tensors:
        return
    rows = [("tensor", "entries", "verdict", "step", "error ulp", "limit")]
    rows += [
        (f"{t.role} {t.name}", str(t.elements), t.verdict.value, t.step,
         _number(t.error_ulp), _number(t.detection_limit)) for t in tensors
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    for row in rows:
        left = f"{row[0]:{widths[0]}} {row[1]:>{widths[1]}} {row[2]:{widths[2]}} {row[3]:{widths[3]}}"
        yield f"  {left} {row[4]:>{widths[4]}} {row[5]:>{widths[5]}}"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3g}"
