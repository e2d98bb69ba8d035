"""Time ratios that mean something on a busy machine.

A time taken now and one taken a minute later differ by more than what is looked for, so the functions
take turns: each round runs every function for one short block, in an order that alternates, and gives
one ratio.  The median of the ratios is reported, with their quartiles.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

BLOCK = 0.02  # seconds: long beside the clock and the caches, short beside other processes' turns


@dataclass(frozen=True)
class Ratio:
    """Median of the ratios of all rounds, and their quartiles."""

    median: float
    low: float
    high: float


@contextmanager
def one_thread() -> Iterator[None]:
    """Run numpy and torch on one thread each; threadpoolctl does not reach torch's own pool."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def interleaved(functions: Sequence[Callable[[], object]], rounds: int) -> NDArray[np.float64]:
    """Seconds per call, of shape (rounds, functions)."""
    repeats = [max(1, round(BLOCK / _seconds(function, 3))) for function in functions]
    times = np.empty((rounds, len(functions)))
    for turn in range(rounds):
        order = range(len(functions)) if turn % 2 else reversed(range(len(functions)))
        for position in order:
            functions[position]()  # brings back what the others drove out of the caches
            times[turn, position] = _seconds(functions[position], repeats[position])
    return times


def ratio(times: NDArray[np.float64], divisor: NDArray[np.float64]) -> Ratio:
    """Ratio of two columns of what `interleaved` returned."""
    low, median, high = np.quantile(times / divisor, (0.25, 0.5, 0.75))
    return Ratio(float(median), float(low), float(high))


def _seconds(function: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats
