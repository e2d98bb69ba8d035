"""A candidate in a process of its own: what ends that process is an error of the candidate, and no more.

Shrinking proposes cases that nobody drew.  On one of them a kernel may read beyond its memory, abort or hang;
in this process that would be the end of everything that was found before.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

from oracle.campaign import engine
from oracle.campaign.cases import single_thread
from oracle.campaign.limits import Limits
from oracle.campaign.workers import WorkerError
from oracle.candidates.protocol import Array, Candidate, Result
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case, dumps, loads
from oracle.judge.sides import message
from oracle.judge.verdict import CaseVerdict
from oracle.shrink.script import script
from reference.architecture import Architecture

LINE = 64  # bytes of a cache line: no kernel asks for a coarser alignment


@dataclass(frozen=True)
class Isolated:
    """A candidate that runs in a worker, on arrays that lie in memory as they do here.

    What it raises there is raised here.  Where its worker dies, that is raised as a `WorkerError`,
    which says how, and the next call gets a new worker.

    Parameters
    ----------
    candidate : Candidate
        What runs there.
    executor : Executor
        Where a task that ends its process fails by itself; see `oracle.campaign.engine`.
    limits : Limits
        What one call may take.
    deaths : collections.Counter
        Calls that ended their process, by what is known of it.
    """

    candidate: Candidate
    executor: Executor
    limits: Limits
    deaths: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.candidate.name

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Run the network there; see `Candidate`."""
        try:
            answer = self.do(_answer, architecture, _packed(leaves), _packed(cotangents))
        except WorkerError as death:
            self.deaths[str(death)] += 1
            raise
        if isinstance(answer, _Raised):
            raise answer.again()
        result: Result = answer
        return result

    def do(self, task: Callable[..., Any], *arguments: Any) -> Any:
        """What a task gives there; it gets the candidate and the limits, too."""
        return self.executor.submit(task, self.candidate, self.limits, *arguments).result()

    @property
    def told(self) -> list[str]:
        """What became of the calls that ended their process, in one line, if there were any."""
        if not self.deaths:
            return []
        ways = ", ".join(self.deaths)
        return [f"{self.name} ended its process in {self.deaths.total()} trials, and nothing else: {ways}"]


@contextmanager
def isolated(candidate: Candidate, limits: Limits) -> Iterator[Isolated]:
    """The candidate in a process of its own, as long as this lasts."""
    with engine.processes(1) as workers:
        yield Isolated(candidate, workers.alone, limits)


def script_of(case: Case, said: CaseVerdict, candidate: Candidate) -> str:
    """The torch script of a case; see `oracle.shrink.script`.

    Its calls are recorded where the candidate runs.  Of calls one of which ends the process, the script holds
    those up to that one.
    """
    if not isinstance(candidate, Isolated):
        return script(case, said, candidate if isinstance(candidate, TorchAutograd) else None)
    text, told = dumps(case), ""
    try:
        return str(candidate.do(_script, text, said, None))
    except WorkerError:
        for calls in count(1):
            try:
                longer = str(candidate.do(_script, text, said, calls))
            except WorkerError:
                break
            if longer == told:  # all calls, and none of them was fatal this time
                break
            told = longer
    return told


class _Raised(NamedTuple):
    """An exception on its way: not every one comes out of a pipe as what went in."""

    type: str
    text: str
    notes: tuple[str, ...]

    def again(self) -> Exception:
        """An exception that says the same."""
        error: Exception = type(self.type, (Exception,), {})(self.text)
        for note in self.notes:
            error.add_note(note)
        return error


class _Packed(NamedTuple):
    """An array with the memory that it spans, gaps included."""

    memory: bytes
    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str


def _packed(arrays: Mapping[str, Array]) -> dict[str, _Packed]:
    packed = {}
    for name, array in arrays.items():
        low, high = byte_bounds(array)
        memory = ctypes.string_at(low, high - low) if array.size else b""
        packed[name] = _Packed(memory, low % LINE, array.shape, array.strides, array.dtype.str)
    return packed


def _unpacked(packed: Mapping[str, _Packed]) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, (memory, address, shape, strides, dtype) in packed.items():
        buffer = np.empty(len(memory) + LINE, np.uint8)
        shift = (address - buffer.ctypes.data) % LINE
        buffer[shift : shift + len(memory)] = np.frombuffer(memory, np.uint8)
        arrays[name] = np.ndarray(shape, dtype, buffer, shift, strides)
    return arrays


def _answer(
    candidate: Candidate,
    limits: Limits,
    architecture: Architecture,
    leaves: Mapping[str, _Packed],
    cotangents: Mapping[str, _Packed],
) -> Result | _Raised:
    """Run the candidate, in its worker."""
    _single_thread()
    try:
        with limits.address_space(), limits.clock():
            return candidate(architecture, _unpacked(leaves), _unpacked(cotangents))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # exits and foreign panics, too
        notes = (note for note in vars(error).get("__notes__", ()) if isinstance(note, str))
        return _Raised(type(error).__name__, message(error), tuple(notes))


def _script(candidate: Candidate, limits: Limits, text: str, said: CaseVerdict, calls: int | None) -> str:
    """Write the script, in the candidate's worker."""
    _single_thread()
    with limits.address_space(), limits.clock():
        return script(loads(text), said, candidate if isinstance(candidate, TorchAutograd) else None, calls)


@cache
def _single_thread() -> None:
    single_thread()
