"""False alarms: how often a clean campaign cries wolf, and how often it might.

Of n cases that were compared, k failed and are no registered finding.  The share k/n is an estimate; what
can be claimed is the upper end of its exact one-sided 95 % interval,

    p⁺ = I⁻¹(0.95; k + 1, n − k),     P(B ≤ k) = 0.05 for B binomial(n, p⁺),

with I the regularised incomplete beta function; for k = 0 it is 1 − 0.05^(1/n) ≈ 3/n, the rule of three.
So no number of clean cases makes the rate 0.

Source: C. Clopper, E. Pearson, Biometrika 26 (1934); J. Hanley, A. Lippman-Hand, "If nothing goes wrong, is
everything all right?", JAMA 249 (1983).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.special import betaincinv

from oracle.judge.verdict import Verdict

CONFIDENCE = 0.95


class CleanError(ValueError):
    """Reports that cannot be counted together; the message is one line."""


@dataclass(frozen=True)
class Rate:
    """False alarms among cases.

    Parameters
    ----------
    cases, alarms : int
        Cases that were compared, and those that failed and are no registered finding.
    """

    cases: int = 0
    alarms: int = 0

    @property
    def bound(self) -> float:
        """Upper end of the one-sided 95 % interval of the rate; never 0."""
        if self.alarms >= self.cases:
            return 1.0
        return float(betaincinv(self.alarms + 1, self.cases - self.alarms, CONFIDENCE))

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.cases + other.cases, self.alarms + other.alarms)


def rates(reports: Iterable[Mapping[str, Any]]) -> dict[str, Rate]:
    """The rate of false alarms by dtype, over clean campaigns.

    Parameters
    ----------
    reports : iterable of mapping
        Their `report.json`.

    Raises
    ------
    CleanError
        If a campaign stands there twice, or does not name all of its failing cases.
    """
    found: dict[str, Rate] = {}
    seen: set[str] = set()
    for report in reports:
        identity = report["campaign_identity"]
        if identity in seen:
            raise CleanError(f"campaign {identity[:16]}: counted twice")
        seen.add(identity)
        for dtype, rate in _of_campaign(report).items():
            found[dtype] = found.get(dtype, Rate()) + rate
    return found


def _of_campaign(report: Mapping[str, Any]) -> dict[str, Rate]:
    named = [row["case"] for row in report["disagreements"]]
    failing = sum(report["verdicts"][verdict] for verdict in Verdict if verdict.fails)
    if len(named) != failing:
        told = report["campaign_identity"][:16]
        raise CleanError(f"campaign {told}: names {len(named)} of its {failing} failing cases")
    excused = {case for each in report["findings"] if each["id"] is not None for case in each["cases"]}
    drawn = report["range"]["stop"] - report["range"]["start"]
    found = {}
    for dtype in report["dtypes"]:
        lost = sum(each["case"].startswith(f"{dtype}/") for each in report["poisoned"])
        alarms = sum(case.startswith(f"{dtype}/") and case not in excused for case in named)
        found[dtype] = Rate(drawn - lost, alarms)
    return found
