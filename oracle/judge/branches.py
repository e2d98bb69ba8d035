"""Straddled decisions: every pattern of branches has a truth of its own.

A decision (z > 0, the larger of two) whose margin lies within its rounding may fall either way on
either side, and a gradient that follows the other branch is not wrong.  So all 2ᵏ patterns of up to
`MAX_STRADDLED` decisions are enclosed, and each side must match **one** pattern in all of its tensors.  A
decision that is straddled in one of these patterns alone is taken both ways there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from oracle.judge.compare import Key, shrunk
from oracle.judge.sides import SIDES
from oracle.judge.tolerance import Spread, outside, spread, widened
from oracle.judge.truth import Finding, Tensors, Truth, one_function, refuted, wrong
from oracle.judge.verdict import Verdict
from oracle.numbers.noise import Decision

MAX_STRADDLED = 6  # decisions whose 2⁶ branch patterns are enumerated
MAX_PATTERNS = 2 ** (MAX_STRADDLED + 1)  # with those of decisions that are straddled in one branch alone
MAX_FLIPS = 32  # decisions that are flipped one by one where there are more


@dataclass(frozen=True)
class Branches:
    """Tensors that rounding did not explain, in a case with straddled decisions.

    Parameters
    ----------
    truth : Truth
        What the case should give.
    sides : mapping of str to mapping
        Tensors of the reference and of the candidate.
    noise : Spread
        The spread of the reference.
    floors : mapping of (str, str) to float
        See `tolerance.explain`.
    """

    truth: Truth
    sides: Mapping[str, Tensors]
    noise: Spread
    floors: Mapping[Key, float]

    @property
    def straddled(self) -> dict[Decision, bool]:
        """Decisions that rounding may flip, or that no precision decides, and how they went."""
        return {**self.noise.straddled, **self.truth.enclosures.ambiguous}

    def try_all(self, keys: list[Key], rejected: list[Key]) -> dict[Key, Finding]:
        """Try all branch patterns; each side must match one in all tensors whose truth is known."""
        straddled, unreached = self.straddled, self.truth.enclosures.unreached
        keys, rejected = ([key for key in some if key not in unreached] for some in (keys, rejected))
        if len(straddled) > MAX_STRADDLED:
            return self._too_many(rejected) | refuted(self.truth)
        matches: dict[str, set[int]] = {side: set() for side in SIDES}
        nearest: dict[tuple[str, Key], float] = {}
        patterns = _ways(straddled)
        for number, pattern in enumerate(patterns):  # which grow on the way
            off, met = self._off(keys, pattern)
            for side in SIDES:
                if all(off[side, key] <= 1 for key in keys):
                    matches[side].add(number)
            nearest = {which: min(excess, nearest.get(which, np.inf)) for which, excess in off.items()}
            further = [decision for decision in met if decision not in pattern]
            if not further or matches["reference"] & matches["candidate"]:
                continue
            if len(patterns) + 2 ** len(further) > MAX_PATTERNS:
                return self._too_many(rejected) | refuted(self.truth)
            patterns += [pattern | ways for ways in _ways(further)]
        return self._told(rejected, matches, nearest, len(patterns)) | refuted(self.truth)

    def _off(
        self, keys: list[Key], forced: dict[Decision, bool]
    ) -> tuple[dict[tuple[str, Key], float], Collection[Decision]]:
        """How far either side is off the truth of one pattern, and the decisions that are straddled in it.

        In every tensor; infinite if unknown.
        """
        case, holes = self.truth.case, self.truth.holes
        enclosures = self.truth.branch(forced)
        noise = widened(spread(case, holes, forced), case, holes, forced)
        off: dict[tuple[str, Key], float] = {}
        for key in keys:
            known = key not in enclosures.unreached
            said = self.truth.excesses(key, self.sides, noise, self.floors[key], enclosures) if known else {}
            off.update({(side, key): said.get(side, np.inf) for side in SIDES})
        return off, {**noise.straddled, **enclosures.ambiguous}

    def _told(
        self,
        rejected: list[Key],
        matches: Mapping[str, set[int]],
        nearest: Mapping[tuple[str, Key], float],
        patterns: int,
    ) -> dict[Key, Finding]:
        count = len(self.straddled)
        if matches["reference"] & matches["candidate"]:
            return dict.fromkeys(rejected, Finding(Verdict.AGREE, "branches"))
        for side in SIDES:
            if not matches[side]:
                why = f"the {side} matches none of {patterns} branch patterns"
                beyond = [key for key in rejected if nearest[side, key] > 1]
                # each tensor may match some pattern, and all of them together none
                found = {key: Finding(wrong(side, key), "branches", why) for key in beyond or rejected}
                own = "matches a branch pattern by itself, where another tensor matches none"
                return one_function(
                    dict.fromkeys(rejected, Finding(Verdict.UNDECIDED, "branches", own)) | found
                )
        why = f"the sides took different branches of {count} straddled decisions"
        return dict.fromkeys(rejected, Finding(Verdict.KINK, "branches", why))

    def _too_many(self, rejected: list[Key]) -> dict[Key, Finding]:
        """More patterns than can be tried: what no pattern can reach is wrong all the same."""
        runs, count = self._flipped(), len(self.straddled)
        reason = f"{count} straddled decisions; at most {MAX_STRADDLED} are enumerated"
        if count <= MAX_STRADDLED:
            reason = (
                f"{count} straddled decisions lead to more of them; at most {MAX_PATTERNS} patterns are tried"
            )
        found = dict.fromkeys(rejected, Finding(Verdict.UNDECIDED, "branches", reason))
        enclosures = self.truth.enclosures
        for key in rejected:
            reach = self._reach(key, runs)
            # what passes in another pattern is rounded there, too
            deviation = np.maximum.reduce([run.deviation[key] for run in (self.noise, *runs)])
            for side in SIDES:
                error, truth = self.truth.error(key, self.sides[side][key], enclosures)
                # what rounding decided, the reference has, too
                with np.errstate(invalid="ignore", over="ignore"):
                    own = np.asarray(self.sides[side][key], np.float64) - self.noise.centre[key]
                error = np.where(np.abs(own) < np.abs(error), own, error)
                beyond = shrunk(error, reach)
                if outside(beyond, truth, deviation, self.floors[key]) > 1:
                    why = f"the {side} is farther off than {count} decisions can take it"
                    found[key] = Finding(wrong(side, key), "branches", why)
                    break
        return one_function(found)

    def _flipped(self) -> list[Spread]:
        """The reference with each straddled decision the other way (not of very many), and with several."""
        case, holes = self.truth.case, self.truth.holes
        # from the way that they went under noise, which need not be that of the truth
        went = {**self.straddled, **self.noise.straddled}
        flips = [{decision: not way} for decision, way in went.items()]
        # all at once, and every other one: where all rivals of a contest pass, its winner stays
        several = [flips, flips[::2], flips[1::2]]
        together = [{d: way for flip in some for d, way in flip.items()} for some in several]
        alone = [] if len(flips) > MAX_FLIPS else flips
        return [spread(case, holes, flip) for flip in (*alone, *together)]

    def _reach(self, key: Key, runs: list[Spread]) -> float:
        """How far all straddled decisions together may move any entry: the sum of what each does alone.

        Where that is not so (several together move it farther, some lead to decisions that are straddled then
        alone, or they were too many to try one by one), a tensor that moves at all may move anywhere.
        """
        moved = [self._moved(run, key) for run in runs]
        decisions = self.straddled
        if len(decisions) > MAX_FLIPS or any(run.straddled.keys() - decisions.keys() for run in runs):
            return np.inf if any(moved) else 0.0
        alone, together = sum(moved[: len(decisions)]), max(moved[len(decisions) :], default=0.0)
        return alone if together <= alone * (1 + 2.0**-20) else np.inf

    def _moved(self, run: Spread, key: Key) -> float:
        """The largest change of an entry, other decisions than in `self.noise` being taken."""
        with np.errstate(invalid="ignore"):
            moved = np.max(np.abs(run.centre[key] - self.noise.centre[key]), initial=0.0)
        return float(moved) if np.isfinite(moved) else np.inf


def _ways(decisions: Iterable[Decision]) -> list[dict[Decision, bool]]:
    """All ways that these decisions may go."""
    found: list[dict[Decision, bool]] = [{}]
    for decision in decisions:
        found = [{**ways, decision: way} for ways in found for way in (False, True)]
    return found
