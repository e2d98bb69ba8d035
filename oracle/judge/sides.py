"""Both sides of a case, run on the same bits: whatever a side does, case and campaign stay whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate
from oracle.case import Case
from oracle.judge.compare import Key, keyed
from oracle.layouts import arrange
from reference.backprop import gradients

Array = NDArray[Any]
Tensors = dict[Key, Array]
SIDES = ("reference", "candidate")


class Clock:
    """Seconds spent in each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Book the time since the last lap to `step`."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now


def run_both(
    case: Case, candidate: Candidate, clock: Clock
) -> tuple[dict[str, Tensors], dict[str, str], list[str]]:
    """Outputs and gradients of either side, by role and name.

    Parameters
    ----------
    case : Case
        The case.
    candidate : Candidate
        What is put beside the reference; it gets copies.
    clock : Clock
        Where the time of each side is booked.

    Returns
    -------
    tensors : dict of str to dict
        By side.
    messages : dict of str to str
        What a side that raised had to say; exits and foreign panics, too.
    notes : list of str
        The notes of the exceptions: one that is the name of a node tells what it is about.
    """
    network = case.architecture

    def reference() -> Tensors:
        return keyed(*gradients(network, _read_only(case.leaves), _read_only(case.cotangents)))

    def other() -> Tensors:
        result = candidate(network, _copies(case, case.leaves), _copies(case, case.cotangents))
        return keyed(result.outputs, result.gradients)

    calls: dict[str, Callable[[], Tensors]] = dict(zip(SIDES, (reference, other), strict=True))
    tensors: dict[str, Tensors] = {side: {} for side in SIDES}
    messages: dict[str, str] = {}
    notes: list[str] = []
    for side, call in calls.items():
        try:
            tensors[side] = call()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            messages[side] = one_line(error)
            notes += [note for note in vars(error).get("__notes__", ()) if isinstance(note, str)]
        clock.lap(side)
    return tensors, messages, notes


def _copies(case: Case, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays for the candidate to keep, in their layouts: whatever it writes to, the case stays."""
    return {name: arrange(array, case.layouts[name]) for name, array in arrays.items()}


def _read_only(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Views that cannot be written to, so that a rule that writes to its inputs raises."""
    views = {name: array.view() for name, array in arrays.items()}
    for view in views.values():
        view.flags.writeable = False
    return views


def one_line(error: BaseException) -> str:
    """What an exception says, as one line of bounded length."""
    try:
        text = " ".join(str(error).split())[:300]
    except Exception:
        text = "its message cannot be printed"
    return f"{type(error).__name__}: {text}"
