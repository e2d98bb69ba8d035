"""Is the spread an error?  Measured errors beside it, on random networks: `python -m bench.calibration`.

Both sides' outputs and gradients are held against the certified truth.  For every tensor whose truth is not
drowned in rounding, four numbers are taken, each of which the rule or the wide bound limits:

    ‖e‖ / ‖s‖   and   max |e_i| / √(s_i²/2 + s̄²/2)

for the difference of the two sides (limits 8 and 16) and for the error of either side (limit 64), once with
the spread of the judge and once with that of the independent or of the hashed rows alone.  The largest per
network is what counts: one tensor outside makes a false alarm.

Constants are found on one set of networks and their rate of false alarms is stated on another: the two
seeds must differ, and neither may have been used to build the noise model.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from oracle.campaign.cases import default_candidate, single_thread
from oracle.case import Case
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.compare import Key, keyed
from oracle.judge.tolerance import ENTRY, HASHED, INDEPENDENT, MAGNIFICATION, NORM, WIDE, replicates
from oracle.judge.truth import Truth
from oracle.numbers.noise import SMALLEST, UNIT, Noise
from reference.backprop import gradients

Floats = NDArray[np.float64]
ROWS = ("both", "independent", "hashed")
LIMITS = {"norm of the difference": NORM, "entry of the difference": ENTRY}
LIMITS |= {
    f"{what} of the {side}'s error": WIDE for side in ("reference", "candidate") for what in ("norm", "entry")
}


def deviations(case: Case) -> dict[str, dict[Key, Floats]]:
    """The spread, by the sort of rows that it is taken from, and tensor."""
    noise = Noise(case.dtype, INDEPENDENT, HASHED, 0, MAGNIFICATION[case.dtype])
    found: dict[str, dict[Key, Floats]] = {name: {} for name in ROWS}
    for key, rows in replicates(case, noise, {}).items():
        off = (rows[1:] - rows[0]) / noise.magnification
        free, hashed = (
            np.maximum(np.sqrt(np.mean(part**2, axis=0)), SMALLEST[case.dtype] * np.any(part != 0, axis=0))
            for part in (off[:INDEPENDENT], off[INDEPENDENT:])
        )
        found["independent"][key], found["hashed"][key] = free, hashed
        found["both"][key] = np.maximum(free, hashed)
    if noise.straddled:
        return {}
    return found


def statistics(case: Case) -> dict[tuple[str, str], float]:
    """The largest of each statistic over the tensors of a network; empty where nothing can be said."""
    candidate, truth = default_candidate(), Truth(case, {})
    ours = keyed(*gradients(case.architecture, case.leaves, case.cotangents))
    result = candidate(case.architecture, case.leaves, case.cotangents)
    theirs, enclosures = keyed(result.outputs, result.gradients), truth.enclosures
    largest: dict[tuple[str, str], float] = {}
    for rows, deviation in deviations(case).items():
        for key in ours.keys() - enclosures.unreached.keys():
            s = deviation[key]
            g = float(np.linalg.norm(enclosures.tensors[key].high))
            if not s.any() or not np.isfinite(g + s.sum()) or WIDE * float(np.linalg.norm(s)) > g:
                continue
            errors = {side: truth.error(key, tensors[key], enclosures)[0]
                      for side, tensors in (("reference", ours), ("candidate", theirs))}  # fmt: skip
            for what, value in _ratios(errors, s):
                largest[rows, what] = max(largest.get((rows, what), 0.0), value)
    return largest


def _ratios(errors: dict[str, Floats], s: Floats) -> Iterator[tuple[str, float]]:
    entry = np.sqrt((s**2 + np.mean(s**2)) / 2)
    difference = errors["candidate"] - errors["reference"]
    yield "norm of the difference", float(np.linalg.norm(difference) / np.linalg.norm(s))
    yield "entry of the difference", float(np.max(np.abs(difference) / entry))
    for side, error in errors.items():
        yield f"norm of the {side}'s error", float(np.linalg.norm(error) / np.linalg.norm(s))
        yield f"entry of the {side}'s error", float(np.max(np.abs(error) / entry))


def main() -> None:
    """Print quantiles over networks, and how many lie outside of each limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=500)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--profile", default="median-small")
    options = parser.parse_args()
    single_thread()
    profile = load_profile(options.profile)
    for dtype in UNIT:
        found = [
            statistics(draw_case(options.seed, dtype, index, profile)) for index in range(options.networks)
        ]
        told = [one for one in found if one]
        print(f"{dtype}: {len(told)} of {len(found)} networks; without a straddled decision")
        print("| rows | statistic | median | 95 % | 99 % | largest | limit | outside |\n|" + " --- |" * 8)
        for rows in ROWS:
            for what, limit in LIMITS.items():
                values = np.array([one[rows, what] for one in told if (rows, what) in one])
                at = " | ".join(f"{q:.2g}" for q in np.quantile(values, (0.5, 0.95, 0.99, 1)))
                print(
                    f"| {rows} | {what} | {at} | {limit:g} | {np.count_nonzero(values > limit)} |", flush=True
                )


if __name__ == "__main__":
    main()
