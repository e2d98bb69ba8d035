"""Run a campaign: hand out what is missing, keep what comes back.

Data walks one way: plan → tasks → engine → parts → journal → outcome.  A task is a range of chunks that
takes a worker a second or two; how chunks are grouped into tasks, and who judges them in which order,
leaves no trace in the outcome.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait

from oracle.campaign.account import Account
from oracle.campaign.cases import START, Job, work
from oracle.campaign.engine import Engine
from oracle.campaign.journal import Journal
from oracle.campaign.quarantine import isolate
from oracle.campaign.workers import EngineError

SECONDS = 1.5  # what a task should take: handing one out costs milliseconds, losing it the whole
MOST = 256  # chunks in a task


class Run:
    """A campaign on its way.

    Parameters
    ----------
    job : Job
        What all tasks share.
    journal : Journal
        Where parts are kept; what it already holds is not done again.
    engine : Engine
        Where tasks run.
    progress : callable
        Called with the account of every part.
    minutes : float, optional
        Hand out no more tasks after this time; what was handed out is awaited.
    """

    def __init__(
        self,
        job: Job,
        journal: Journal,
        engine: Engine,
        progress: Callable[[Account], None] = lambda account: None,
        minutes: float | None = None,
    ) -> None:
        self.job, self.journal, self.engine, self.progress = job, journal, engine, progress
        self._end = None if minutes is None else time.monotonic() + 60 * minutes
        self._todo = deque(journal.missing())
        self._under_way: dict[Future[bytes], range] = {}
        self._suspects: list[range] = []
        self._top = max((part.chunks.stop for part in journal.parts), default=0)
        self._busy, self._chunks = 0.0, 0

    def __call__(self) -> None:
        """Run it to its end.

        Raises
        ------
        EngineError
            If the engine is lost.
        JournalError, OSError
            If a part cannot be kept.
        """
        try:
            self._tasks()
            for chunks in sorted(self._suspects, key=lambda chunks: chunks.start):
                self._keep(isolate(self.job, chunks, self.engine.alone), chunks)
        except KeyboardInterrupt:
            for future in [future for future in self._under_way if future.done()]:
                self._finished(future)
            raise
        finally:
            self.journal.settle()

    def _tasks(self) -> None:
        for chunks in self._next():
            self._under_way[self.engine.executor.submit(work, self.job, chunks)] = chunks
            while len(self._under_way) >= self.engine.ahead * self.engine.width():
                self._wait()
        while self._under_way:
            self._wait()

    def _next(self) -> Iterator[range]:
        """Tasks, as long as there are any and there is time."""
        while self._todo:
            chunks = self._todo.popleft()
            size = self._size() if self._in_time() else self._rest(chunks.start)
            if not size:
                return
            if size < len(chunks):
                self._todo.appendleft(chunks[size:])
            self._top = max(self._top, chunks[:size].stop)
            yield chunks[:size]

    def _in_time(self) -> bool:
        return self._end is None or time.monotonic() < self._end

    def _rest(self, start: int) -> int:
        """Chunks to do from here though time is over: gaps, and the last row, so that a range is reached."""
        if start < self._top:
            return self._size()
        turns = len(self.job.plan.dtypes)
        return -start % turns if start else turns

    def _size(self) -> int:
        """Chunks for the next task: `SECONDS` of work, and towards the end a share for every worker."""
        if not self._busy:
            return 1
        share = -(-sum(map(len, self._todo)) // (2 * self.engine.width()))
        return max(1, min(int(SECONDS * self._chunks / self._busy), share, MOST))

    def _wait(self) -> None:
        done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
        for future in done:
            self._finished(future)

    def _finished(self, future: Future[bytes]) -> None:
        chunks = self._under_way.pop(future)
        try:
            part = future.result()
        except EngineError:
            raise
        except CancelledError:
            raise EngineError("the cluster was lost: its scheduler gave tasks back undone") from None
        except Exception:  # whatever it was, the cases are judged again, one by one
            self._suspects.append(chunks)
        else:
            self._keep(part, chunks)

    def _keep(self, part: bytes, chunks: range) -> None:
        account = self.journal.add(part)
        self._busy += account.seconds.total() - account.seconds[START]
        self._chunks += len(chunks)
        self.progress(account)
