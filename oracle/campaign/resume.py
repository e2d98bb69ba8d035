"""What is left to do: ranges of chunks that are held, missing, held twice, or a shard's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise


def missing(wanted: range, held: Iterable[range]) -> list[range]:
    """The parts of a range that none of the others holds, in order."""
    gaps, at = [], wanted.start
    for one in sorted(held, key=lambda one: one.start):
        if at < min(one.start, wanted.stop):
            gaps.append(range(at, min(one.start, wanted.stop)))
        at = max(at, one.stop)
    if at < wanted.stop:
        gaps.append(range(at, wanted.stop))
    return gaps


def overlaps(held: Iterable[range]) -> Iterator[tuple[range, range]]:
    """Neighbouring ranges that have something in common."""
    ordered = sorted(held, key=lambda one: (one.start, one.stop))
    for one, other in pairwise(ordered):
        if other.start < one.stop:
            yield one, other


def shard(units: int, number: int, of: int) -> range:
    """Shard `number` of 1 … `of`: consecutive chunks, as many as any other's but for one."""
    return range(units * (number - 1) // of, units * number // of)
