"""Single calls of a pool: sent one by one, each with a future of its own, and not repeated when a worker is lost."""

import threading
import weakref
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from typing import Any

from parlab import logbook
from parlab.backends.workforce import Workforce
from parlab.errors import WorkersLostError
from parlab.messages import Message, Report
from parlab.notebook.outcome import as_exception, rebuilt
from parlab.trace import Envelope

_LOOK_S = 1.0
_WATCH = "parlab-calls-watch"
_FIRST = 1_000_000_000  # single calls are numbered from here, so that no task of a map has such a number
_ENDED = "The pool was ended before this call was made. Make it again in a new block."


class Calls:
    """The single calls of one pool.

    Parameters
    ----------
    force
        Who does them.

    Attributes
    ----------
    count
        How many there were.
    """

    def __init__(self, force: Workforce) -> None:
        self._force = force
        self.count = 0
        self._under_way: set[int] = set()
        self._begun: list[int] = []  # calls that had been begun when a worker was lost
        self._lock = threading.Lock()
        self._idle: threading.Event | None = None  # ends the watch; None while there is none
        self._broken: weakref.ref[Executor] | None = None  # the last one found broken; not kept alive by us

    def here(self, envelope: Envelope, item: bytes) -> "Future[Any]":
        """Make a packed call in this process, now."""
        future: Future[Any] = Future()
        number = self._next()
        _settle(future, _outcome(envelope(Message(number, [item])), number))
        return future

    def send(self, envelope: Envelope, item: bytes) -> "Future[Any]":
        """Have a packed call made by a worker."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        number = self._next()
        try:
            self._begin(number)
            executor, sent = self._send(envelope, Message(number, [item]))
        except BaseException:
            self._finish(number)
            raise
        sent.add_done_callback(lambda done: self._received(done, number, future, executor))
        return future

    def renew(self) -> None:
        """End an executor that a call has found broken, before anything else is sent to it."""
        current = self._force.current
        if current is not None and self._found_broken(current):
            self._force.discard(current)

    def _next(self) -> int:
        with self._lock:
            self.count += 1
            return _FIRST + self.count - 1

    def _send(self, envelope: Envelope, message: Message) -> tuple[Executor, "Future[Any]"]:
        """Send a call; when a worker was lost a moment ago, to new ones."""
        self.renew()
        executor = self._force.executor
        try:
            return executor, executor.submit(envelope, message)
        except BrokenExecutor:
            self._note_loss(executor)
            self.renew()
            executor = self._force.executor
            return executor, executor.submit(envelope, message)

    def _note_loss(self, executor: Executor) -> None:
        """Look, the first time that an executor is found broken, which of the calls it takes along had been begun."""
        if not self._found_broken(executor) and self._force.logbook is not None:
            noted = {one.task for one in logbook.read(self._force.logbook) if one.task is not None}
            self._begun = sorted(number - _FIRST for number in noted & self._under_way)
            self._broken = weakref.ref(executor)

    def _found_broken(self, executor: Executor) -> bool:
        return self._broken is not None and self._broken() is executor

    def _received(self, done: "Future[Any]", number: int, future: "Future[Any]", executor: Executor) -> None:
        """Hand over what came back; runs in the executor's own thread, where an error would be lost."""
        try:
            _settle(future, self._outcome(done, number, executor))
        except BaseException as problem:
            if not future.done():
                future.set_exception(problem)
        finally:
            self._finish(number)

    def _outcome(self, done: "Future[Any]", number: int, executor: Executor) -> tuple[Any, BaseException | None]:
        error = WorkersLostError(_ENDED) if done.cancelled() else done.exception()
        if isinstance(error, BrokenExecutor):
            self._note_loss(executor)
            calls = ", ".join(map(str, self._begun)) or "none"
            text = f"A worker was lost. Calls that had been begun, counted from 0: {calls}."
            return None, WorkersLostError(f"{text} With map the culprit is found.")
        return (None, error) if error is not None else _outcome(done.result(), number)

    def _begin(self, number: int) -> None:
        with self._lock:
            self._under_way.add(number)
            if self._idle is None:
                self._idle = threading.Event()
                threading.Thread(target=self._look_after, args=(self._idle,), name=_WATCH, daemon=True).start()

    def _finish(self, number: int) -> None:
        with self._lock:
            self._under_way.discard(number)
            if not self._under_way and self._idle is not None:
                self._idle.set()
                self._idle = None

    def _look_after(self, idle: threading.Event) -> None:
        """Look once a second, as long as calls are under way, whether the engine waits for a worker that was killed."""
        while not idle.wait(_LOOK_S):
            release = getattr(self._force.current, "release_stuck", None)
            if release is not None:
                release()


def _outcome(report: Report, number: int) -> tuple[Any, BaseException | None]:
    name = f"Call {number - _FIRST}"
    if report.printed.get(number):
        with suppress(Exception):  # no such output any more, or it cannot show these letters
            print(report.printed[number], end="", flush=True)  # noqa: T201  # the task printed it
    if report.failures:
        return None, as_exception(report.failures[0], report.errors.get(number), name)
    return rebuilt(report.values[0], name)


def _settle(future: "Future[Any]", found: tuple[Any, BaseException | None]) -> None:
    value, error = found
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
