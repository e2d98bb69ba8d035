"""The one tolerance there is: a screen, and the rule behind it.

Let g be a tensor of the reference, e the candidate's difference from it, u the unit roundoff, and s
the spread of g under rounding noise (`oracle.numbers.stochastic`), s̄ its root mean square over the N
entries.

**Rule.**  The difference is more than rounding if

    ‖e‖₂ > 8 ‖s‖₂ + f √N      or      |e_i| > 16 √(s_i²/2 + s̄²/2) + f   for some entry i,

f = 4u · max |g| over the tensors of the role that paths connect with it, where ‖g‖ ≤ ‖s‖ (a structurally
zero tensor, whose entries are rounding alone), else 0.

**Wide bound.**  A difference that the rule rejects is not yet a fault: another algorithm may round
worse than the reference.  Each side is then held against the truth with 64 in place of 8 and 16, and
only what is outside is wrong.  So the **detection limit** of a tensor is 64‖s‖/‖g‖: a relative error
below it may pass, one above it does not.

**Screen.**  A tensor agrees at once if

    ‖e‖₂ ≤ (64/√3) u ‖g‖₂      and      |e_i| ≤ (64/√6) u √(g_i² + rms(g)²) for all i.

The screen forgives nothing that the wide bound would call wrong, in expectation: every entry was rounded
at least once (the leaves count as rounded), so s_i ≥ u|g_i|/√3, ‖s‖ ≥ u‖g‖/√3 and s̄ ≥ u·rms(g)/√3; put
into the wide bound this gives the two lines above.  A sample of the screened tensors is put before the
rule all the same, and the report counts those that it would have rejected.

The constants are those of the calibration that `docs/method.md` describes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Errors, Key, keyed
from oracle.numbers.noise import SMALLEST, UNIT, Decision, Noise
from oracle.numbers.recomputed import apart, recomputed
from oracle.numbers.stochastic import noisy
from reference.architecture import FLOATING
from reference.backprop import backward_pass, forward_pass, results
from reference.shapes import size

Array = NDArray[Any]
Floats = NDArray[np.float64]

NORM, ENTRY, WIDE, FLOOR = 8.0, 16.0, 64.0, 4.0
INDEPENDENT, HASHED = 4, 4
MAGNIFICATION = {"float32": 1.0, "float64": 2.0**16}  # docs/adr/0002
LITTLE = 2.0**4  # where the large one may have saturated what responds to rounding
MEMORY = 2**25  # float64 entries that one run may hold: more rows than fit are run in turn


def screened(errors: Errors, dtype: str) -> NDArray[np.bool_]:
    """Which tensors the screen lets pass."""
    u = UNIT[dtype]
    with np.errstate(invalid="ignore"):
        passed = errors.error_norm <= WIDE / 3**0.5 * u * errors.norm
        passed &= errors.worst_entry <= WIDE / 6**0.5 * u
    return np.asarray(passed & np.isfinite(errors.norm))


@dataclass(frozen=True)
class Spread:
    """Outputs and gradients under rounding noise.

    Attributes
    ----------
    centre, deviation : dict of (str, str) to numpy.ndarray
        By (role, name): the value without noise, and the root-mean-square deviation from it, the
        larger of that under independent and under hashed noise.
    straddled : dict of (int, int) to bool
        Decisions whose margin is within the spread, and the way they went.
    """

    centre: dict[Key, Floats]
    deviation: dict[Key, Floats]
    straddled: dict[Decision, bool]


def spread(
    case: Case,
    holes: Mapping[Key, NDArray[np.bool_]] | None = None,
    forced: Mapping[Decision, bool] | None = None,
    magnified: bool = True,
    nodes_apart: bool = False,
) -> Spread:
    """Run the reference under rounding noise.

    Parameters
    ----------
    case : Case
        What to run.
    holes : mapping of (str, str) to numpy.ndarray, optional
        Entries to leave out of a tensor: value and deviation are 0 there.
    forced : mapping of (int, int) to bool, optional
        Straddled decisions that must fall a given way.
    magnified : bool
        Whether noise is magnified as `MAGNIFICATION` says, or hardly (`LITTLE`).
    nodes_apart : bool
        Whether every node perturbs its operands, see `oracle.numbers.recomputed`.

    Returns
    -------
    Spread
        Of all outputs and all gradients.
    """
    entries = sum(size(shape) for shape in case.architecture.shapes.values())
    magnification = MAGNIFICATION[case.dtype] if magnified else min(MAGNIFICATION[case.dtype], LITTLE)
    runs = 1
    while runs < INDEPENDENT and (INDEPENDENT + HASHED) // runs * entries > MEMORY:
        runs *= 2
    centre: dict[Key, Floats] = {}
    free: dict[Key, Floats] = {}
    hashed: dict[Key, Floats] = {}
    straddled: dict[Decision, bool] = {}
    for seed in range(runs):
        noise = Noise(case.dtype, INDEPENDENT // runs, HASHED // runs, 2 * seed, magnification, forced or {})
        for key, rows in replicates(case, noise, holes or {}, nodes_apart).items():
            centre[key] = rows[0]
            with np.errstate(invalid="ignore"):  # ∞ − ∞
                deviation = rows[1:] - rows[0]
            for total, part in (
                (free, deviation[: noise.independent]),
                (hashed, deviation[noise.independent :]),
            ):
                total[key] = np.hypot(total[key], _length(part)) if key in total else _length(part)
        straddled.update(noise.straddled)
    deviations = {
        key: _unmagnified(
            np.maximum(free[key] / INDEPENDENT**0.5, hashed[key] / HASHED**0.5), case.dtype, magnification
        )
        for key in centre
    }
    return Spread(centre, deviations, straddled)


def _length(rows: Floats) -> Floats:
    """Norm along the first axis; by squares, which is faster, where they neither over- nor underflow."""
    squares = np.einsum("r...,r...->...", rows, rows)
    if squares.size and squares.max() < 1e280:
        small = squares < 1e-280
        if not small.any() or not rows[:, small].any():
            return np.asarray(np.sqrt(squares))
    return np.asarray(np.hypot.reduce(rows, axis=0))


def widened(
    noise: Spread,
    case: Case,
    holes: Mapping[Key, NDArray[np.bool_]],
    forced: Mapping[Decision, bool] | None = None,
) -> Spread:
    """The larger deviation, entry by entry, of this run and of others, which another algorithm might show.

    In one every node perturbs its operands; in one noise is hardly magnified.
    """
    others = [spread(case, holes, forced, nodes_apart=True)]
    if MAGNIFICATION[case.dtype] > LITTLE:
        others.append(spread(case, holes, forced, magnified=False))
    deviation = {
        key: np.maximum.reduce([own, *(other.deviation[key] for other in others)])
        for key, own in noise.deviation.items()
    }
    return Spread(noise.centre, deviation, noise.straddled)


def _unmagnified(deviation: Floats, dtype: str, magnification: float) -> Floats:
    """The spread at the dtype's own unit; what was not zero must not underflow to zero.

    Infinite where the noise makes NaN of a number: next to a pole nothing can be told.
    """
    deviation = np.where(np.isnan(deviation), np.inf, deviation)
    least = SMALLEST[dtype] * (deviation > 0)
    return np.asarray(np.maximum(deviation / magnification, least))


def replicates(
    case: Case, noise: Noise, holes: Mapping[Key, NDArray[np.bool_]], nodes_apart: bool = False
) -> dict[Key, Floats]:
    """Outputs and gradients of the reference in every row of the noise, by (role, name)."""
    kinds = case.architecture.leaves
    leaves = {  # sorted, so that a case from its file gets the same noise
        name: noisy(array, noise) if kinds[name].kind in FLOATING else array
        for name, array in sorted(case.leaves.items())
    }
    cotangents = {wire: noisy(array, noise) for wire, array in sorted(case.cotangents.items())}
    network = apart(case.architecture) if nodes_apart else case.architecture
    forward = forward_pass(network, leaves)
    tensors = keyed(*results(network, forward, backward_pass(network, recomputed(forward), cotangents)))
    rows = {key: np.broadcast_to(array.data, (noise.rows, *array.shape)) for key, array in tensors.items()}
    return {key: np.where(holes[key], 0.0, data) if key in holes else data for key, data in rows.items()}


@dataclass(frozen=True)
class Rounding:
    """What the rule says of one tensor.

    Attributes
    ----------
    explained : bool
        Whether the difference is rounding.
    limit : float
        Detection limit 64‖s‖/‖g‖.
    bound : float
        How far the norm may be off the truth, 64‖s‖ + f√N.
    """

    explained: bool
    limit: float
    bound: float


def explain(error: Floats, value: Floats, deviation: Floats, floor: float) -> Rounding:
    """Put one tensor before the rule.

    Parameters
    ----------
    error, value, deviation : numpy.ndarray
        e, g and s.
    floor : float
        4u · max |g| over what it is connected with; used where this tensor is structurally zero.

    Returns
    -------
    Rounding
        An error that is not finite is never explained.
    """
    with np.errstate(all="ignore"):
        sizes = _sizes(value, deviation)
        excess = _excess(error, value, deviation, floor, NORM, ENTRY)
        f = floor / sizes.scale if sizes.value <= sizes.deviation else 0.0
        bound = float((WIDE * sizes.deviation + f * np.sqrt(np.size(value))) * sizes.scale)
    limit = WIDE * sizes.deviation / sizes.value if sizes.value else np.inf
    return Rounding(excess <= 1, limit, bound)


def outside(error: Floats, truth: Floats, deviation: Floats, floor: float) -> float:
    """How far a side is off the truth, as a multiple of the wide bound around it: over 1 is wrong.

    Parameters
    ----------
    error, truth : numpy.ndarray
        The side's difference from what it should be, and what it should be.
    deviation, floor
        As in `explain`.
    """
    with np.errstate(all="ignore"):
        return _excess(error, truth, deviation, floor, WIDE, WIDE)


class _Sizes(NamedTuple):
    """2-norms of a tensor and of its deviation, divided by a scale so that no square over- or underflows."""

    scale: float
    value: float
    deviation: float


def _sizes(value: Floats, deviation: Floats) -> _Sizes:
    largest = max(float(np.max(np.abs(value), initial=0.0)), float(np.max(deviation, initial=0.0)))
    scale = largest if 0 < largest < np.inf else 1.0
    return _Sizes(scale, float(np.linalg.norm(value / scale)), float(np.linalg.norm(deviation / scale)))


def _excess(
    error: Floats,
    value: Floats,
    deviation: Floats,
    floor: float,
    k_norm: float,
    k_entry: float,
) -> float:
    """The larger of ‖e‖ and |e_i|, each as a multiple of what is allowed; infinite for NaN.

    An entry next to a pole, of which nothing can be told, hides none of the others.
    """
    if np.any(deviation == np.inf):
        told = (deviation != np.inf) | ~np.isfinite(error)
        error, value, deviation = error[told], value[told], deviation[told]
    sizes = _sizes(value, deviation)
    scale, noise = sizes.scale, sizes.deviation
    zero = sizes.value <= noise
    if zero and floor > 0:
        scale = max(scale, floor) if np.any(value) or np.any(deviation) else floor
        noise = float(np.linalg.norm(deviation / scale))
    error, deviation = error / scale, deviation / scale
    f = floor / scale if zero else 0.0
    entry = k_entry * np.sqrt((deviation * deviation + noise**2 / max(np.size(value), 1)) / 2) + f
    off = np.abs(error)
    parts = np.where(off > 0, off / entry, 0.0)
    size = float(np.linalg.norm(error))
    whole = size / (k_norm * noise + f * np.sqrt(np.size(value))) if size else 0.0
    worst = max(float(np.max(parts, initial=0.0)), whole)
    return worst if not np.isnan(size) and not np.isnan(worst) else np.inf
