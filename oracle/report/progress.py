"""What is shown while a campaign runs: a bar on a terminal, plain lines elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from typing import Any

from oracle.campaign.run import Chunk

LINES = 10  # plain lines for a whole campaign


class Progress:
    """Count cases as chunks come in.

    Parameters
    ----------
    cases : int
        Number of cases of the campaign.
    """

    def __init__(self, cases: int) -> None:
        self.cases = cases
        self.done = self.failing = 0
        self._start = time.monotonic()
        self._bar: Any = None
        if sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=cases, unit="case", leave=False, dynamic_ncols=True, file=sys.stderr)

    def __call__(self, chunk: Chunk) -> None:
        """Count a chunk."""
        lines = self.done * LINES // self.cases
        self.done += len(chunk.indices)
        self.failing += sum(verdict.verdict.fails for verdict in chunk.verdicts) + len(chunk.poisoned)
        if self._bar is not None:
            self._bar.update(len(chunk.indices))
            if self.failing:
                self._bar.set_postfix(failing=self.failing)
        elif self.done * LINES // self.cases > lines and sys.stderr is not None:
            seconds = time.monotonic() - self._start
            failing = f", {self.failing} failing" if self.failing else ""
            line = f"{self.done:,} of {self.cases:,} cases, {seconds:.0f} s{failing}\n"
            try:
                sys.stderr.write(line)
                sys.stderr.flush()
            except OSError:  # nobody reads it: the campaign goes on
                self._bar = _Nobody()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


class _Nobody:
    """A bar that nobody sees."""

    def update(self, cases: int) -> None:
        """Show nothing."""

    def set_postfix(self, **counts: int) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Do nothing."""
