"""What is shown while a campaign runs: a bar on a terminal, plain lines elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from typing import Any

from oracle.campaign.account import Account

LINES = 10  # plain lines for a whole campaign
SECONDS = 60.0  # between plain lines of a campaign that time ends


class Progress:
    """Count cases as parts come in.

    Parameters
    ----------
    cases : int, optional
        Number of cases of the campaign; None where time ends it.
    done : int
        Number of those that an earlier run has judged.
    """

    def __init__(self, cases: int | None, done: int = 0) -> None:
        self.cases = cases
        self.done = done
        self.failing = 0
        self._start = self._said = time.monotonic()
        self._bar: Any = None
        if sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=cases, initial=done, unit="case", leave=False, dynamic_ncols=True, file=sys.stderr
            )

    def __call__(self, account: Account) -> None:
        """Count a part."""
        before = self.done
        self.done += account.cases
        self.failing += account.failures
        if self._bar is not None:
            self._bar.update(account.cases)
            if self.failing:
                self._bar.set_postfix(failing=self.failing)
        elif self._is_time(before) and sys.stderr is not None:
            self._say()

    def _is_time(self, before: int) -> bool:
        if self.cases is None:
            return time.monotonic() - self._said >= SECONDS
        return self.done * LINES // self.cases > before * LINES // self.cases

    def _say(self) -> None:
        self._said = time.monotonic()
        of = "" if self.cases is None else f" of {self.cases:,}"
        failing = f", {self.failing} failing" if self.failing else ""
        try:
            sys.stderr.write(f"{self.done:,}{of} cases, {self._said - self._start:.0f} s{failing}\n")
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
