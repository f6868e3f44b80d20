"""Workers that are replaced when they break: finds out which task ended its worker, and gets all others done.

After a kill an executor fails everything that is under way alike. The logbook says which tasks had been begun: those
are the suspects, and each runs again alone, in a pool of one, whose only worker's end is evidence. The rest runs again
on a new pool. A worker that has grown past its share of memory is replaced the same way, between two messages; a pool's
worker cannot leave alone.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from parlab import logbook as logbooks
from parlab.backends.base import Backend, assemble, introduced, processes_here
from parlab.backends.closing import close, how_it_ended, runs_in_own_thread, workers_of
from parlab.backends.delivery import Delivery, deliver
from parlab.backends.endings import NOT_STARTED, advice_on, no_room, storm
from parlab.backends.memory import MemoryWatch
from parlab.errors import LostTaskError, WorkersLostError
from parlab.messages import Message, Packed

if TYPE_CHECKING:
    from parlab.records import Worker

_UNDER_WAY_A_WORKER, _UNDER_WAY_WATCHED = 8, 3
_JOIN_S = 5.0
_LOOK_S = 0.005

Parcel = tuple[int, Message]  # a message and the number under which it was cut
Returned = tuple[Message, Delivery]


class Workforce:
    """A backend's workers, as a context manager. What it delivers, it delivers completely.

    Parameters
    ----------
    backend
        Which engine.
    workers
        How many.
    logbook
        Folder where workers note the tasks that they begin; without one a lost worker's task cannot be found.
    prepare
        Called with a new executor and its number of workers before it gets any message.
    memory_limit_bytes
        Resident memory that one worker may hold before all are replaced; None for any.

    Attributes
    ----------
    crew
        Every worker that was ever here.
    rerun
        The tasks that ran again because a worker was lost.
    replaced
        How often workers were replaced because of their memory.
    """

    def __init__(
        self,
        backend: Backend,
        workers: int,
        *,
        logbook: str | None = None,
        prepare: Callable[[Executor, int], None] | None = None,
        memory_limit_bytes: int | None = None,
    ) -> None:
        self.backend, self.workers, self.logbook, self.prepare = backend, workers, logbook, prepare
        self.crew: list[Worker] = []
        self.rerun: set[int] = set()
        self.replaced = 0
        self.memory_limit_bytes = memory_limit_bytes
        self._watch = MemoryWatch(memory_limit_bytes)
        self._opened: AbstractContextManager[Executor] | None = None
        self._executor: Executor | None = None
        self._changing = threading.RLock()  # of two threads that want new workers, one starts them

    def __enter__(self) -> Self:
        """Start the workers, and wait until each of them has answered."""
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let the workers end; after an exception end them."""
        opened = self._taken()
        if opened is not None:
            opened.__exit__(kind, error, traceback)

    @property
    def executor(self) -> Executor:
        """The engine as it is now; started again where the one before is broken."""
        with self._changing:
            return self._executor or self._open()

    @property
    def current(self) -> Executor | None:
        """The engine, where there is one now."""
        return self._executor

    def discard(self, found_broken: Executor | None = None) -> None:
        """End the workers at once, whatever they do; the next use starts new ones.

        Parameters
        ----------
        found_broken
            Do so only where this is still the engine: another thread may have replaced it. None in any case.
        """
        with self._changing:
            if found_broken is not None and self._executor is not found_broken:
                return
            is_apart = runs_in_own_thread(self._executor)
            opened = self._taken()
        if opened is not None and is_apart:
            # A future of its calls back: that thread cannot wait for its own end, and holds the lock that this takes.
            threading.Thread(target=_leave, args=(opened, BrokenExecutor("discarded"))).start()
        elif opened is not None:
            _leave(opened, BrokenExecutor("discarded"))

    def _taken(self) -> AbstractContextManager[Executor] | None:
        with self._changing:
            opened, self._opened, self._executor = self._opened, None, None
        return opened

    def deliver(
        self,
        function: Callable[[Any], Any],
        messages: Sequence[Message],
        pack: Callable[[Message], Packed],
        until_s: float | None = None,
    ) -> Iterator[Returned]:
        """Get all messages done.

        Parameters
        ----------
        function
            What the workers call with each message: an ``Envelope``.
        messages
            Tasks that travel together.
        pack
            Makes a message ready for the journey, right before it is sent: ``Envelope.packed``.
        until_s
            When to give up, as a reading of ``time.monotonic``; None never does.

        Yields
        ------
        message, delivery
            In any order. After a break a message comes back in pieces, one for each of its tasks, and so does one that
            an engine has given up. A task that has ended its worker comes back with a ``LostTaskError``; when workers
            are lost again and again, or by too many tasks, all that is left comes back with a ``WorkersLostError``.

        Raises
        ------
        OverdueError
            It is past ``until_s``; what runs goes on until ``discard``.
        """
        left: list[Parcel] = list(enumerate(messages))
        doubtful: list[Parcel] = []
        losses, blameless = 0, 0
        self._watch.look(now=True)
        self._replace_if_swollen()
        send = partial(deliver, function=function, until_s=until_s)
        while left:
            attempt, executor = _Attempt(left, pack, self._watch), self.executor
            for message, delivery in attempt.run(partial(send, executor, most=self._most_under_way())):
                if isinstance(delivery.error, LostTaskError):  # said by an engine that starts lost tasks again
                    doubtful.append((delivery.number, message))
                else:
                    yield message, delivery
            self._take_losses()
            if attempt.broken is None:
                left = attempt.left()
                self._replace_if_swollen()
                continue
            self.discard(executor)
            suspects, left = self._divide(attempt)
            blameless += 1
            for parcel in suspects:
                message, delivery = self._alone(send, parcel, pack)
                if isinstance(delivery.error, LostTaskError):
                    losses, blameless = losses + 1, 0
                yield message, delivery
            given_up = storm(losses, blameless, suspects=bool(suspects))
            if given_up is not None:
                yield from _given_up(left + doubtful, given_up)
                return
        yield from self._cleared(send, doubtful, pack)

    def _cleared(
        self, send: Callable[..., Iterator[Delivery]], doubtful: list[Parcel], pack: Callable[[Message], Packed]
    ) -> Iterator[Returned]:
        """Run what an engine has given up once more, task by task and nothing beside it: most were only near by."""
        losses, left = 0, _cut(doubtful)
        while left:
            (number, message), *left = left
            self.rerun.add(message.first)
            (delivery,) = send(self.executor, messages=[pack(message)])
            self._take_losses()
            losses += isinstance(delivery.error, LostTaskError)
            yield message, delivery._replace(number=number)
            given_up = storm(losses, 0, suspects=True)
            if given_up is not None:
                yield from _given_up(left, given_up)
                return

    def _take_losses(self) -> None:
        """Note what ran again and who came instead, where an engine replaces workers by itself (``take_losses``)."""
        take = getattr(self._executor, "take_losses", None)
        if take is not None:
            calls, newcomers = take()
            self.crew.extend(map(introduced, newcomers))
            self.rerun.update(first + place for (first, items), *_ in calls for place in range(len(items)))

    def _most_under_way(self) -> int:
        """Say how many messages may be with the engine: few where memory is watched, since they are done anyway."""
        each = _UNDER_WAY_A_WORKER if self.memory_limit_bytes is None else _UNDER_WAY_WATCHED
        return self.workers * each

    def _replace_if_swollen(self) -> None:
        if self._watch.exceeded:
            self.replaced += 1
            self.discard()
            self._watch.reset()

    def _open(self) -> Executor:
        if self.logbook is not None:
            logbooks.clear(self.logbook)
        opened = self.backend.open(self.workers)
        executor = _entered(opened)
        self._opened = opened
        try:
            here = assemble(executor, self.workers)
            self.crew.extend(here)
            if self.prepare is not None:
                self.prepare(executor, self.workers)
            self._watch.look_at([] if self.backend.facts.shares_process else processes_here(here) or [])
        except BrokenExecutor as problem:
            self.discard()
            raise WorkersLostError(NOT_STARTED) from problem
        except BaseException as problem:
            self.__exit__(type(problem), problem, problem.__traceback__)
            raise
        self._executor = executor
        return executor

    def _divide(self, attempt: "_Attempt") -> tuple[list[Parcel], list[Parcel]]:
        """Take the tasks apart that had been begun; what was sent beside them is cut, so that none is lost twice."""
        begun = None if self.logbook is None else {one.task for one in logbooks.read(self.logbook)}
        sent = _cut(attempt.sent())
        self.rerun.update(message.first for _, message in sent)
        suspects = [one for one in sent if begun is None or one[1].first in begun]
        accused = {message.first for _, message in suspects}
        return suspects, [one for one in sent if one[1].first not in accused] + attempt.unsent()

    def _alone(
        self, send: Callable[..., Iterator[Delivery]], parcel: Parcel, pack: Callable[[Message], Packed]
    ) -> Returned:
        """Run one task in a pool of one: if that breaks too, this task is the culprit."""
        number, message = parcel
        if self.logbook is not None:
            logbooks.clear(self.logbook)
        opened = self.backend.open(1)
        executor = _entered(opened)
        try:
            self.crew.extend(assemble(executor, 1))
            here = workers_of(executor)
            if self.prepare is not None:
                self.prepare(executor, 1)
            (delivery,) = send(executor, messages=[pack(message)])
        except BrokenExecutor as broken:  # before it got the task: a worker that cannot start is nobody's fault
            _leave(opened, broken)
            raise WorkersLostError(NOT_STARTED) from broken
        except BaseException as problem:
            opened.__exit__(type(problem), problem, problem.__traceback__)
            raise
        if isinstance(delivery.error, BrokenExecutor):
            # Only its own thread may collect the exit code: of two that read it, one gets a made-up 255 (forkserver).
            close(executor)
            _leave(opened, delivery.error)
            delivery = delivery._replace(error=self._verdict(message.first, here, delivery.error))
        else:
            opened.__exit__(None, None, None)
        return message, delivery._replace(number=number)

    def _verdict(self, task: int, here: Sequence[BaseProcess], broken: BrokenExecutor) -> LostTaskError:
        ends = [how_it_ended(process) for process in here if process.exitcode is not None or _joined(process)]
        how = ends[0] if ends else getattr(broken, "how", "unknown")
        printed = ""
        if self.logbook is not None:
            printed = "".join(one.printed for one in logbooks.read(self.logbook) if one.task == task)
        return LostTaskError(advice_on(how), how=f"lost({how})", printed=printed)


class _Attempt:
    """One passage of messages through one executor, and what is left of them when it breaks or must pause."""

    def __init__(self, parcels: list[Parcel], pack: Callable[[Message], Packed], watch: MemoryWatch) -> None:
        self.broken: BrokenExecutor | None = None
        self._parcels, self._pack, self._watch = parcels, pack, watch
        self._done: set[int] = set()
        self._sent = 0

    def run(self, send: Callable[..., Iterator[Delivery]]) -> Iterator[Returned]:
        """Send, and yield what comes back until it breaks or must pause."""
        for delivery in send(messages=self._messages()):
            if isinstance(delivery.error, BrokenExecutor):
                self.broken = delivery.error
                continue
            self._done.add(delivery.number)
            self._watch.look()
            number, message = self._parcels[delivery.number]
            yield message, delivery if number == delivery.number else delivery._replace(number=number)

    def left(self) -> list[Parcel]:
        """Return what has not come back."""
        return self.sent() + self.unsent()

    def sent(self) -> list[Parcel]:
        """Return what was sent and has not come back."""
        return [parcel for place, parcel in enumerate(self._parcels[: self._sent]) if place not in self._done]

    def unsent(self) -> list[Parcel]:
        """Return what was never sent."""
        return self._parcels[self._sent :]

    def _messages(self) -> Iterator[Packed]:
        for _, message in self._parcels:
            if self.broken is not None or self._watch.exceeded:
                return
            packed = self._pack(message)
            self._sent += 1
            yield packed


def _cut(parcels: Iterable[Parcel]) -> list[Parcel]:
    """Cut messages into one for each task."""
    return [
        (number, Message(task, [item]))
        for number, message in parcels
        for task, item in enumerate(message.items, message.first)
    ]


def _given_up(left: list[Parcel], storm: WorkersLostError) -> Iterator[Returned]:
    now_s = time.perf_counter()
    for number, message in left:
        yield message, Delivery(number, now_s, now_s, None, storm)


def _entered(opened: AbstractContextManager[Executor]) -> Executor:
    """Start an engine; what the system lacks for that is said in words."""
    try:
        return opened.__enter__()
    except OSError as problem:
        raise WorkersLostError(no_room(problem)) from problem


def _joined(process: BaseProcess) -> bool:
    """Wait for the exit code: while the executor's own thread collects it, it cannot be read here for a moment."""
    deadline = time.monotonic() + _JOIN_S
    while process.exitcode is None and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    return process.exitcode is not None


def _leave(opened: AbstractContextManager[Executor], broken: BrokenExecutor) -> None:
    try:
        opened.__exit__(type(broken), broken, None)
    except BrokenExecutor:
        return
