"""A place where all workers of a pool meet, so that "every worker is up" is true and not said by one fast worker.

Built from two semaphores, which threads, processes and loky all have, interpreters get from queues, and others
from files. A worker that waits holds its place in the pool, so n arrivals are n different workers.
"""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from parlab.errors import TrialError

_LOOK_UP_S = 0.1
_POLL_S = 0.0005


class Meeting:
    """A barrier with the parent as its doorkeeper.

    Parameters
    ----------
    context
        Whatever has ``Semaphore(value)``: the ``threading`` module or a ``multiprocessing`` context.
    """

    def __init__(self, context: Any) -> None:
        self._arrived = context.Semaphore(0)
        self._gate = context.Semaphore(0)

    def attend(self) -> None:
        """Worker's side: report, and wait for the gate."""
        self._arrived.release()
        self._gate.acquire()

    def gather(self, workers: int, check: Callable[[], None], timeout_s: float) -> float:
        """Parent's side: wait for all workers, then open the gate for them.

        Parameters
        ----------
        workers
            How many must come.
        check
            Called now and then while some are missing; raises when they will never come.
        timeout_s
            After this many seconds the meeting is off.

        Returns
        -------
        float
            The parent's ``time.perf_counter()`` just before the gate opened.

        Raises
        ------
        TrialError
            Not all came in time.
        """
        deadline, present = time.monotonic() + timeout_s, 0
        try:
            while present < workers:
                if self._arrived.acquire(timeout=_LOOK_UP_S):
                    present += 1
                    continue
                check()
                if time.monotonic() > deadline:
                    from parlab import units  # a worker has no need of it otherwise

                    message = f"Only {present} of {units.count(workers, 'worker')} came up within {timeout_s:.0f} s."
                    raise TrialError(f"{message} Give fewer workers, or look for what blocks their start.")
            return time.perf_counter()
        finally:
            for _ in range(workers):  # also when the meeting is off: nobody is left waiting
                self._gate.release()


class FileSemaphore:
    """Counts across processes that nothing else joins, such as Ray's: files in a private folder, asked again and again.

    Parameters
    ----------
    folder
        Where; it may hold other things.
    value
        How many to begin with.
    """

    def __init__(self, folder: str, value: int) -> None:
        self._folder = tempfile.mkdtemp(prefix="meeting-", dir=folder)
        for _ in range(value):
            self.release()

    def release(self) -> None:
        """Add one."""
        handle, _ = tempfile.mkstemp(dir=self._folder)
        os.close(handle)

    def acquire(self, timeout: float | None = None) -> bool:
        """Take one away, or return False when there was none in time (seconds; None: for ever)."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while deadline is None or time.monotonic() < deadline:
            for name in os.listdir(self._folder):  # noqa: PTH208  # asked often, and names are all that is needed
                with suppress(FileNotFoundError):  # somebody else took it
                    Path(self._folder, name).unlink()
                    return True
            time.sleep(_POLL_S)
        return False


class InterpreterSemaphore:
    """Counts across interpreters: a queue of theirs, asked again and again, because nothing else can be waited for."""

    def __init__(self, value: int) -> None:
        from concurrent import interpreters  # type: ignore[attr-defined,unused-ignore]  # Python 3.14

        self._queue = interpreters.create_queue()
        for _ in range(value):
            self.release()

    def release(self) -> None:
        """Add one."""
        self._queue.put(None)

    def acquire(self, timeout: float | None = None) -> bool:
        """Take one away, or return False when there was none in time (seconds; None: for ever)."""
        from concurrent.interpreters import QueueEmpty  # type: ignore[import-not-found,unused-ignore]

        deadline = None if timeout is None else time.monotonic() + timeout
        while deadline is None or time.monotonic() < deadline:
            try:
                self._queue.get_nowait()
            except QueueEmpty:
                time.sleep(_POLL_S)
            else:
                return True
        return False
