"""What is wrong with a case, in few words: what a smaller case must show as well."""

from __future__ import annotations

import re
from dataclasses import dataclass

from oracle.case import Case
from oracle.judge.verdict import CaseVerdict, Verdict

_DETAIL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[-+]?\d[\d.]*(e[-+]?\d+)?|\bnode \w+")


@dataclass(frozen=True)
class Failure:
    """A failure.

    Parameters
    ----------
    verdict : Verdict
        What was found.
    op : str
        The guilty op; where no node fails by itself, empty.
    tensor : str
        Of a single node, the tensor that fails: ``"gradient weight"`` or ``"output 0"``; else the role alone.
    side : str
        ``"reference"``, ``"candidate"`` or ``"both"``: who is wrong, or has raised.
    kind : str
        For an error, its message without numbers and shapes; else empty.
    """

    verdict: Verdict
    op: str
    tensor: str
    side: str
    kind: str = ""


def failures(case: Case, said: CaseVerdict) -> tuple[Failure, ...]:
    """Every way in which a case fails, the one that its verdict tells first.

    Parameters
    ----------
    case : Case
        The case.
    said : CaseVerdict
        The verdict on it.
    """
    single = len(case.architecture.nodes) == 1
    op = next(iter(case.architecture.nodes.values())).op.name if single else said.op if said.node else ""
    if not said.verdict.fails:
        return ()
    if not said.tensors:
        return (Failure(said.verdict, op, "", _raised(said.reason), kind(said.reason)),)
    failing = [tensor for tensor in said.tensors if tensor.verdict.fails]
    if not failing:  # float32 hid it, or many straddled decisions: a node alone has shown it
        return (Failure(said.verdict, op, "", _side(said.verdict)),)
    worst = f"{failing[0].role} {failing[0].name}"
    worst = next((name for t in failing if said.reason.startswith(name := f"{t.role} {t.name}:")), worst)
    failing.sort(key=lambda tensor: not worst.startswith(f"{tensor.role} {tensor.name}"))
    told = (
        Failure(
            tensor.verdict if single else said.verdict,
            op,
            named(case, tensor.role, tensor.name) if single else tensor.role,
            _side(tensor.verdict),
            kind(tensor.reason) if tensor.verdict is Verdict.ERROR else "",
        )
        for tensor in failing
    )
    return tuple(dict.fromkeys(told))


def named(case: Case, role: str, name: str) -> str:
    """A tensor of a single node by the argument that it feeds, or by the number of the output."""
    ((_, node),) = case.architecture.nodes.items()
    if role == "output":
        return f"output {name.partition(':')[2] or 0}"
    if name not in node.inputs:
        return f"gradient {name}"
    return f"gradient {node.op.signature().name(node.inputs.index(name))}"


def kind(message: str) -> str:
    """A message without what changes with the size of a case."""
    return " ".join(_DETAIL.sub("…", message).split())


def _side(verdict: Verdict) -> str:
    if verdict is Verdict.ERROR:
        return "both"
    return "reference" if verdict is Verdict.REFERENCE_WRONG else "candidate"


def _raised(reason: str) -> str:
    """Which side a message of a case that was not computed accuses."""
    computed = [side for side in ("reference", "candidate") if f"{side}: computed" in reason]
    if len(computed) == 1:
        return "candidate" if computed == ["reference"] else "reference"
    return "both"
