"""The candidate of a command, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oracle.commands.usage import BrokenError

if TYPE_CHECKING:
    from oracle.campaign.isolated import Isolated


@contextmanager
def isolated_candidate(seconds: float) -> Iterator[Isolated]:
    """The default candidate, where nothing is lost with it.

    Parameters
    ----------
    seconds : float
        What it may take for one case.

    Raises
    ------
    BrokenError
        If there is no process to be had.
    """
    from oracle.campaign.cases import default_candidate, single_thread
    from oracle.campaign.isolated import isolated
    from oracle.campaign.limits import Limits, physical_memory
    from oracle.campaign.workers import EngineError

    single_thread()
    try:
        with isolated(default_candidate(), Limits(seconds, physical_memory())) as candidate:
            yield candidate
    except EngineError as error:
        raise BrokenError(str(error)) from None
