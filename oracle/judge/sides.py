"""Both sides of a case, run on the same bits: whatever a side does, case and campaign stay whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from oracle.candidates.protocol import Candidate, LostError
from oracle.case import Case
from oracle.judge.compare import Key, keyed
from oracle.layouts import arrange
from reference.backprop import gradients

Array = NDArray[Any]
Tensors = dict[Key, Array]
SIDES = ("reference", "candidate")
T = TypeVar("T")
Phases = Generator[None, None, T]  # work that pauses between its phases, and what comes of it


def finished(phases: Phases[T]) -> T:
    """What comes of some work, done without a pause."""
    while True:
        try:
            next(phases)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


class Clock:
    """Seconds spent in each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.resume()

    def resume(self) -> None:
        """Begin a lap, after a pause that is booked to no step."""
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Book the time since the last lap to `step`."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now


class Ran(NamedTuple):
    """What both sides did.

    Attributes
    ----------
    tensors : dict of str to dict
        Outputs and gradients by role and name, by side.
    messages : dict of str to str
        What a side that raised had to say; exits and foreign panics, too.
    notes : list of str
        The notes of the exceptions: one that is the name of a node tells what it is about.
    """

    tensors: dict[str, Tensors]
    messages: dict[str, str]
    notes: list[str]


def both(case: Case, candidate: Candidate, clock: Clock) -> Phases[Ran]:
    """Run the reference, and after a pause the candidate.

    Parameters
    ----------
    case : Case
        The case.
    candidate : Candidate
        What is put beside the reference; it gets copies.
    clock : Clock
        Where the time of each side is booked.
    """
    network = case.architecture

    def reference() -> Tensors:
        return keyed(*gradients(network, _read_only(case.leaves), _read_only(case.cotangents)))

    def other() -> Tensors:
        result = candidate(network, _copies(case, case.leaves), _copies(case, case.cotangents))
        return {key: _kept(array) for key, array in keyed(result.outputs, result.gradients).items()}

    ran = Ran({side: {} for side in SIDES}, {}, [])
    _run("reference", reference, ran, clock)
    yield
    clock.resume()
    _run("candidate", other, ran, clock)
    return ran


def run_both(case: Case, candidate: Candidate, clock: Clock) -> Ran:
    """The same without a pause."""
    return finished(both(case, candidate, clock))


def _run(side: str, call: Callable[[], Tensors], ran: Ran, clock: Clock) -> None:
    try:
        ran.tensors[side] = call()
    except (KeyboardInterrupt, LostError):
        raise
    except BaseException as error:
        ran.messages[side] = one_line(error)
        ran.notes.extend(note for note in vars(error).get("__notes__", ()) if isinstance(note, str))
    clock.lap(side)


def _kept(array: Array) -> Array:
    """A copy: the candidate may write to its memory when it is asked again."""
    return array.copy() if isinstance(array, np.ndarray) else array


def _copies(case: Case, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays for the candidate to keep, in their layouts: whatever it writes to, the case stays."""
    return {name: arrange(array, case.layouts[name]) for name, array in arrays.items()}


def _read_only(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Views that cannot be written to, so that a rule that writes to its inputs raises."""
    views = {name: array.view() for name, array in arrays.items()}
    for view in views.values():
        view.flags.writeable = False
    return views


def message(error: BaseException) -> str:
    """What an exception says, which may be an exception itself."""
    try:
        return str(error)
    except Exception:
        return "its message cannot be printed"


def one_line(error: BaseException) -> str:
    """What an exception says, as one line of bounded length."""
    text = " ".join(str.split(message(error)))[:300]
    return f"{type(error).__name__}: {text}"
