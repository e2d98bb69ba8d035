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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scipy.special import betaincinv

from oracle.judge.verdict import FAILING, Verdict

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95


class CleanError(ValueError):
    """Reports that cannot be counted together; the message is one line."""


@dataclass(frozen=True)
class Rate:
    """False alarms among cases.

    Parameters
    ----------
    cases : int
        Cases that were compared.
    known : int
        Those that failed and are registered findings.
    alarms : int
        Those that failed and are none, whatever a look at them shows.
    """

    cases: int = 0
    known: int = 0
    alarms: int = 0

    @property
    def bound(self) -> float:
        """Upper end of the one-sided 95 % interval of the rate; never 0."""
        if self.alarms >= self.cases:
            return 1.0
        return float(betaincinv(self.alarms + 1, self.cases - self.alarms, CONFIDENCE))

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.cases + other.cases, self.known + other.known, self.alarms + other.alarms)


@dataclass
class Clean:
    """What clean campaigns showed.

    Attributes
    ----------
    rates : dict of str to Rate
        By dtype.
    campaigns : list of str
        What was drawn, a line for each.
    unexplained : list of str
        The cases that fail and are no registered finding, a line for each.
    """

    rates: dict[str, Rate] = field(default_factory=dict)
    campaigns: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def add(self, told: Mapping[str, Any], cases: pd.DataFrame) -> None:
        """Count a campaign."""
        excused = {case for each in told["findings"] if each["id"] is not None for case in each["cases"]}
        cases = cases[cases["verdict"].isin(list(Verdict))]  # what was poisoned has no verdict
        failing = cases[cases["verdict"].isin(list(FAILING))]
        known = failing["case"].isin(excused)
        for dtype in told["dtypes"]:
            counts = (
                int((rows["dtype"] == dtype).sum()) for rows in (cases, failing[known], failing[~known])
            )
            self.rates[dtype] = self.rates.get(dtype, Rate()) + Rate(*counts)
        drawn = f"{len(cases):,} cases of the profile {told['profile']['name']}"
        self.campaigns.append(f"seed {told['seed']}, {drawn}, generator {told['generator_version']}")
        for row in failing[~known].to_dict("records"):
            reason = row["reason"].partition(";")[0]
            self.unexplained.append(
                f"seed {told['seed']}, {row['case']}: {row['verdict']}, {row['op']}: {reason}"
            )


def clean(reports: Iterable[tuple[Mapping[str, Any], pd.DataFrame]]) -> Clean:
    """False alarms over clean campaigns.

    Parameters
    ----------
    reports : iterable of (mapping, DataFrame)
        Their `report.json`, and their table of cases.

    Raises
    ------
    CleanError
        If a campaign stands there twice.
    """
    found, seen = Clean(), set[str]()
    for told, cases in reports:
        identity = told["campaign_identity"]
        if identity in seen:
            raise CleanError(f"campaign {identity[:16]}: counted twice")
        seen.add(identity)
        found.add(told, cases)
    return found
