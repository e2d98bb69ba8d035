"""The one tolerance there is: a screen, and the rule behind it.

Let g be a tensor of the reference, e the candidate's difference from it, u the unit roundoff, and s
the spread of g under rounding noise (`oracle.numbers.stochastic`), s̄ its root mean square over the N
entries.

**Rule.**  The difference is more than rounding if

    ‖e‖₂ > 8 ‖s‖₂ + f √N      or      |e_i| > 16 √(s_i²/2 + s̄²/2) + f   for some entry i,

f = 4u · max |g| over all tensors of the role where ‖g‖ ≤ ‖s‖ (a structurally zero tensor, whose
entries are rounding alone), else 0.  The **detection limit** of a tensor is 8‖s‖/‖g‖: the smallest
relative error in the norm that the rule rejects.

**Screen.**  A tensor agrees at once if  max |e_i| ≤ 4u · rms(g).

The screen forgives nothing that the rule would reject, in expectation: an entry that was rounded at
all has s_i ≥ u|g_i|/√3, so ‖s‖ ≥ u‖g‖/√3 and s̄ ≥ u·rms(g)/√3.  Then ‖e‖ ≤ √N max|e| ≤ 4u‖g‖ ≤
(8/√3)u‖g‖ ≤ 8‖s‖, and |e_i| ≤ 4u·rms(g) ≤ (16/√6)u·rms(g) ≤ 16 √(s̄²/2).  For a tensor that is copied
without any rounding s is 0, and there the screen forgives up to 4u·rms(g) by its own right.  A sample
of the screened tensors is put before the rule all the same, and the report counts those that it would
have rejected.

The constants 8, 16 and 4 are those of the calibration that `docs/method.md` describes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Errors
from oracle.numbers.noise import MAGNIFICATION, UNIT, Decision, Noise
from oracle.numbers.stochastic import noisy
from reference.architecture import FLOATING
from reference.backprop import gradients
from reference.shapes import size

Floats = NDArray[np.float64]

SCREEN = 4.0
NORM, ENTRY, FLOOR = 8.0, 16.0, 4.0
INDEPENDENT, HASHED = 8, 8
MEMORY = 2**25  # float64 entries that one run may hold: more rows than fit are run in turn


def screened(errors: Errors, elements: NDArray[np.int64], dtype: str) -> NDArray[np.bool_]:
    """Which tensors the screen lets pass."""
    rms = errors.norm / np.sqrt(np.maximum(elements, 1))
    passed = np.isfinite(errors.norm) & (errors.largest_error <= SCREEN * UNIT[dtype] * rms)
    return np.asarray(passed)


@dataclass(frozen=True)
class Spread:
    """Outputs and gradients under rounding noise.

    Attributes
    ----------
    centre, deviation : dict of (str, str) to numpy.ndarray
        By (role, name): the value without noise, and the root-mean-square deviation from it, the
        larger of that under independent and under hashed noise.
    straddled : dict of (int, int) to bool
        Decisions on which replicates disagreed, and the way they went.
    """

    centre: dict[tuple[str, str], Floats]
    deviation: dict[tuple[str, str], Floats]
    straddled: dict[Decision, bool]


def spread(case: Case, forced: Mapping[Decision, bool] | None = None) -> Spread:
    """Run the reference under rounding noise.

    Parameters
    ----------
    case : Case
        What to run.
    forced : mapping of (int, int) to bool, optional
        Straddled decisions that must fall a given way.

    Returns
    -------
    Spread
        Of all outputs and all gradients.
    """
    entries = sum(size(shape) for shape in case.architecture.shapes.values())
    runs = 1
    while runs < INDEPENDENT and (INDEPENDENT + HASHED) // runs * entries > MEMORY:
        runs *= 2
    centre: dict[tuple[str, str], Floats] = {}
    free: dict[tuple[str, str], Floats] = {}
    hashed: dict[tuple[str, str], Floats] = {}
    straddled: dict[Decision, bool] = {}
    for seed in range(runs):
        noise = Noise(case.dtype, INDEPENDENT // runs, HASHED // runs, 2 * seed, forced or {})
        for key, rows in _run(case, noise).items():
            centre[key] = rows[0]
            deviation = rows[1:] - rows[0]
            for total, part in (
                (free, deviation[: noise.independent]),
                (hashed, deviation[noise.independent :]),
            ):
                total[key] = np.hypot(total.get(key, 0.0), _root_sum_square(part))
        straddled.update(noise.straddled)
    scale = 1 / MAGNIFICATION[case.dtype]
    deviations = {
        key: np.maximum(free[key] / INDEPENDENT**0.5, hashed[key] / HASHED**0.5) * scale for key in centre
    }
    return Spread(centre, deviations, straddled)


def _root_sum_square(rows: Floats) -> Floats:
    """Norm along the first axis, scaled so that no square underflows."""
    largest = np.max(np.abs(rows), initial=0.0)
    scale = largest if 0 < largest < np.inf else 1.0
    return np.asarray(np.sqrt(np.sum((rows / scale) ** 2, axis=0)) * scale)


def _run(case: Case, noise: Noise) -> dict[tuple[str, str], Floats]:
    leaves = {
        name: noisy(array, noise) if case.architecture.leaves[name].kind in FLOATING else array
        for name, array in case.leaves.items()
    }
    cotangents = {wire: noisy(array, noise) for wire, array in case.cotangents.items()}
    outputs, grads = gradients(case.architecture, leaves, cotangents)
    tensors = {("output", name): array for name, array in outputs.items()}
    tensors |= {("gradient", name): array for name, array in grads.items()}
    return {key: np.broadcast_to(array.data, (noise.rows, *array.shape)) for key, array in tensors.items()}


@dataclass(frozen=True)
class Rounding:
    """What the rule says of one tensor.

    Attributes
    ----------
    explained : bool
        Whether the difference is rounding.
    limit : float
        Detection limit 8‖s‖/‖g‖.
    bound : float
        What the norm of the error was allowed to be.
    """

    explained: bool
    limit: float
    bound: float = field(default=0.0)


def explain(error: Floats, value: Floats, deviation: Floats, floor: float) -> Rounding:
    """Put one tensor before the rule.

    Parameters
    ----------
    error, value, deviation : numpy.ndarray
        e, g and s.
    floor : float
        4u · max |g| over the tensors of the role; used where this tensor is structurally zero.

    Returns
    -------
    Rounding
        An error that is not finite is never explained.
    """
    scale = max(float(np.max(np.abs(value), initial=0.0)), float(np.max(deviation, initial=0.0))) or floor
    if not np.isfinite(scale) or scale == 0:
        return Rounding(bool(np.all(error == 0)), np.inf)
    with np.errstate(over="ignore", under="ignore"):
        error, value, deviation = error / scale, value / scale, deviation / scale
        norm, noise = float(np.linalg.norm(value)), float(np.linalg.norm(deviation))
        f = floor / scale if norm <= noise else 0.0
        bound = NORM * noise + f * np.sqrt(value.size)
        mean_square = noise**2 / value.size
        entry = ENTRY * np.sqrt((deviation**2 + mean_square) / 2) + f
        explained = bool(np.linalg.norm(error) <= bound) and bool(np.all(np.abs(error) <= entry))
    return Rounding(explained, NORM * noise / norm if norm else np.inf, bound * scale)
