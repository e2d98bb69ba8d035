"""Verdicts, in order of severity, and what the judge says of a tensor and of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What is said of a tensor, and of a case (its worst tensor); the worst stands first."""

    REFERENCE_WRONG = "reference-wrong"  # its vjp is not the derivative of its forward, certified
    CANDIDATE_WRONG = "candidate-wrong"  # outputs agree, the gradient is not the certified one
    DEFINITION_DIFFERS = "definition-differs"  # outputs differ beyond rounding: two functions
    ERROR = "error"  # one side raised, or shapes, dtypes or NaN patterns differ
    UNDECIDED = "undecided"  # truth and rounding could not be separated; counted against a share
    KINK = "kink"  # the sides took different branches of a straddled decision
    VACUOUS = "vacuous"  # the true value is 0, or as good as (2⁻¹⁶⁰), proved; both sides say so: no evidence
    AGREE = "agree"  # explained by rounding

    @property
    def severity(self) -> int:
        """0 for the worst verdict."""
        return _ORDER[self]

    @property
    def fails(self) -> bool:
        """Whether one such case fails the gate."""
        return self in FAILING


_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}
FAILING = frozenset(verdict for verdict in Verdict if _ORDER[verdict] <= _ORDER[Verdict.ERROR])
STEPS = ("structure", "screen", "rounding", "zeros", "truth", "branches", "float64")


@dataclass(frozen=True, slots=True)
class TensorVerdict:
    """One compared tensor.

    Parameters
    ----------
    name : str
        Leaf whose gradient it is, or output wire.
    role : {"gradient", "output"}
        Which of the two.
    op : str
        The op that the leaf feeds (the first one), or that the output leaves.
    elements : int
        Number of entries.
    verdict : Verdict
        What was found.
    step : str
        The step that decided: one of `STEPS`.
    error_ulp : float
        Largest difference, in ulps of the tensor's largest entry; NaN where nothing was compared.
    detection_limit : float
        Smallest relative error (in the 2-norm) that would have been rejected; NaN where not estimated.
    reason : str
        For everything but agreement, why.
    reference_ulp, candidate_ulp : float
        Largest error of either side, in ulps of the true tensor's largest entry; NaN where the truth was
        not certified.
    """

    name: str
    role: str
    op: str
    elements: int
    verdict: Verdict
    step: str
    error_ulp: float = float("nan")
    detection_limit: float = float("nan")
    reason: str = ""
    reference_ulp: float = float("nan")
    candidate_ulp: float = float("nan")


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """One judged case.

    Parameters
    ----------
    case_id : str
        Its name in the campaign.
    verdict : Verdict
        That of its worst tensor.
    op : str
        The guilty op: that of `node`, or the one that the worst tensor points to; for agreement, empty.
    step : str
        The step that decided the worst tensor.
    tensors : tuple of TensorVerdict
        All compared tensors; empty where a side raised.
    reason : str
        Why, with both sides' messages where one raised.
    straddled : int
        Straddled decisions that were met.
    loose_screen : bool
        Whether the screen forgave what the rule would not (looked for in a sample).
    seconds : dict of str to float
        Time spent in each step.
    node : str
        The node that fails by itself, on the values that it has in the case; empty where none does, or
        where nobody looked.
    certificate : mapping of str to object
        For a failing tensor, the proof as JSON values; see `oracle.judge.truth.certificate`.
    certified : bool
        Whether the truth of an agreeing case was enclosed, and both sides held against it.
    refuted : bool
        Whether the worst tensor shows that a rule of the reference is wrong, by a witness, and not only that
        its arithmetic went astray.
    """

    case_id: str
    verdict: Verdict
    op: str
    step: str
    tensors: tuple[TensorVerdict, ...]
    reason: str = ""
    straddled: int = 0
    loose_screen: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    node: str = ""
    certificate: Mapping[str, Any] = field(default_factory=dict)
    certified: bool = False
    refuted: bool = False
