"""What a case may take: time and memory.  A case that takes more loses its verdict, not the campaign."""

from __future__ import annotations

import os
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oracle.judge.verdict import CaseVerdict, Verdict

_NO_MEMORY = re.compile(r"\bMemoryError\b|can't allocate memory|bad_alloc")


@dataclass(frozen=True)
class Limits:
    """Limits of one case.

    Parameters
    ----------
    seconds : float
        Time to draw and judge it; 0 for none.
    memory : int
        Bytes of address space beyond those that the process has when it begins; 0 for none.  Torch
        alone maps half a gigabyte before it computes anything, so that an absolute figure would mean
        little.
    """

    seconds: float = 0.0
    memory: int = 0

    @contextmanager
    def address_space(self) -> Iterator[None]:
        """Let allocations beyond `memory` fail while this lasts."""
        if not self.memory:
            yield
            return
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = _mapped() + self.memory
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    @contextmanager
    def clock(self, spent: float = 0.0) -> Iterator[None]:
        """End the process if this lasts longer than what a case has left of `seconds`, having `spent` some.

        SIGALRM is left to its default action, which ends the process: a handler in Python would wait
        for the very call that hangs.
        """
        if not self.seconds:
            yield
            return
        signal.setitimer(signal.ITIMER_REAL, max(self.seconds - spent, 1e-6))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


NO_LIMITS = Limits()


def ran_out_of_memory(verdict: CaseVerdict) -> bool:
    """Whether a side raised for want of memory: that is no disagreement."""
    return verdict.verdict is Verdict.ERROR and _NO_MEMORY.search(verdict.reason) is not None


def cause_of_death(exit_code: int | None) -> str:
    """What an exit code says of a worker that died, as one line."""
    if exit_code is None:
        return "its worker died"
    if exit_code == -signal.SIGALRM:
        return "hung: no verdict within the time for a case (SIGALRM)"
    if exit_code < 0:
        return f"killed its worker ({signal.Signals(-exit_code).name})"
    return f"ended its worker (exit code {exit_code})"


def _mapped() -> int:
    """Bytes of address space of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def physical_memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
