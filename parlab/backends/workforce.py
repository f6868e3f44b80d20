"""Workers that are replaced when they break: finds out which task ended its worker, and gets all others done.

After a kill an executor fails everything that is under way alike. The logbook says which tasks had been begun: those
are the suspects, and each runs again alone, in a pool of one, whose only worker's end is evidence. The rest runs again
on a new pool. A worker that has grown past its share of memory is replaced the same way, between two messages; a pool's
worker cannot leave alone.
"""

import errno
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from parlab import logbook as logbooks
from parlab.backends.base import Backend, assemble
from parlab.backends.closing import how_it_ended
from parlab.backends.delivery import Delivery, deliver
from parlab.backends.memory import MemoryWatch, memory_advice
from parlab.errors import LostTaskError, WorkersLostError
from parlab.trace import Message

if TYPE_CHECKING:
    from parlab.records import Worker

_UNDER_WAY_A_WORKER = 8
_MOST_LOST = 16  # tasks: then something else than a task is wrong, and starting workers for each is a storm
_MOST_BLAMELESS = 2  # pools in a row that broke without a culprit
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
        self._lost = 0

    def __enter__(self) -> Self:
        """Start the workers, and wait until each of them has answered."""
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let the workers end; after an exception end them."""
        opened, self._opened, self._executor = self._opened, None, None
        if opened is not None:
            opened.__exit__(kind, error, traceback)

    @property
    def executor(self) -> Executor:
        """The engine as it is now; started again where the one before is broken."""
        return self._executor or self._open()

    def discard(self) -> None:
        """End the workers at once, whatever they do; the next use starts new ones."""
        opened, self._opened, self._executor = self._opened, None, None
        if opened is not None:
            broken = BrokenExecutor("discarded")
            try:
                opened.__exit__(BrokenExecutor, broken, None)
            except BrokenExecutor:
                return

    def deliver(
        self,
        function: Callable[[Message], Any],
        messages: Sequence[Message],
        pack: Callable[[Message], Message],
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
            In any order. After a break a message comes back in pieces, one for each of its tasks. A task that has ended
            its worker comes back with a ``LostTaskError``.

        Raises
        ------
        WorkersLostError
            Workers are lost again and again and no task is to blame, or too many are.
        TimeoutError
            It is past ``until_s``; what runs goes on until ``discard``.
        """
        left: list[Parcel] = list(enumerate(messages))
        blameless = 0
        self._watch.look(now=True)
        self._replace_if_swollen()
        send = partial(deliver, function=function, until_s=until_s)
        while left:
            attempt = _Attempt(left, pack, self._watch)
            yield from attempt.run(partial(send, self.executor, most=self.workers * _UNDER_WAY_A_WORKER))
            left = attempt.left()
            if attempt.broken is None:
                self._replace_if_swollen()
                continue
            self.discard()
            suspects, left = self._divide(left)
            before = self._lost
            for parcel in suspects:
                yield self._alone(send, parcel, pack)
            blameless = 0 if self._lost > before else blameless + 1
            self._give_up_on_storms(blameless, attempt.broken)
            self.rerun.update(message.first for _, message in left)

    def _replace_if_swollen(self) -> None:
        if self._watch.exceeded:
            self.replaced += 1
            self.discard()
            self._watch.reset()

    def _open(self) -> Executor:
        if self.logbook is not None:
            logbooks.clear(self.logbook)
        self._opened = self.backend.open(self.workers)
        try:
            executor = self._opened.__enter__()
        except OSError as problem:
            self._opened = None
            raise WorkersLostError(_no_room(problem)) from problem
        try:
            here = assemble(executor, self.workers)
            self.crew.extend(here)
            self._watch.look_at([] if self.backend.facts.shares_process else [one.process for one in here])
            if self.prepare is not None:
                self.prepare(executor, self.workers)
        except BrokenExecutor as problem:
            self.discard()
            raise WorkersLostError(f"The workers could not be started: one ended at once ({problem})") from problem
        except BaseException as problem:
            self.__exit__(type(problem), problem, problem.__traceback__)
            raise
        self._executor = executor
        return executor

    def _divide(self, left: list[Parcel]) -> tuple[list[Parcel], list[Parcel]]:
        """Take the tasks apart that had been begun, and cut the rest into single tasks, so that none is lost twice."""
        known = None if self.logbook is None else {one.task for one in logbooks.read(self.logbook)}
        single = [
            (number, Message(task, [item]))
            for number, message in left
            for task, item in enumerate(message.items, message.first)
        ]
        suspects = [one for one in single if known is None or one[1].first in known]
        accused = {message.first for _, message in suspects}
        self.rerun.update(accused)
        return suspects, [one for one in single if one[1].first not in accused]

    def _alone(
        self, send: Callable[..., Iterator[Delivery]], parcel: Parcel, pack: Callable[[Message], Message]
    ) -> Returned:
        """Run one task in a pool of one: if that breaks too, this task is the culprit."""
        number, message = parcel
        if self.logbook is not None:
            logbooks.clear(self.logbook)
        before = set(multiprocessing.active_children())
        opened = self.backend.open(1)
        executor = opened.__enter__()
        try:
            self.crew.extend(assemble(executor, 1))
            here = [one for one in multiprocessing.active_children() if one not in before]
            (delivery,) = send(executor, messages=[pack(message)])
        except BrokenExecutor as broken:  # before it got the task: a worker that cannot start is nobody's fault
            _leave(opened, broken)
            raise WorkersLostError(f"A new worker ended before it had anything to do: {broken}") from broken
        except BaseException as problem:
            opened.__exit__(type(problem), problem, problem.__traceback__)
            raise
        if isinstance(delivery.error, BrokenExecutor):
            # Only its own thread may collect the exit code: of two that read it, one gets a made-up 255 (forkserver).
            executor.shutdown(wait=True)
            _leave(opened, delivery.error)
            self._lost += 1
            delivery = delivery._replace(error=self._verdict(message.first, here))
        else:
            opened.__exit__(None, None, None)
        return message, delivery._replace(number=number)

    def _verdict(self, task: int, here: Sequence[BaseProcess]) -> LostTaskError:
        ends = [how_it_ended(process) for process in here if process.exitcode is not None or _joined(process)]
        how = ends[0] if ends else "unknown"
        printed = ""
        if self.logbook is not None:
            printed = "".join(one.printed for one in logbooks.read(self.logbook) if one.task == task)
        return LostTaskError(advice_on(how), how=f"lost({how})", printed=printed)

    def _give_up_on_storms(self, blameless: int, broken: BrokenExecutor) -> None:
        if self._lost >= _MOST_LOST:
            message = (
                f"{self._lost} tasks have each ended their worker. Mend the task, or look for what kills processes"
            )
            raise WorkersLostError(f"{message}; {memory_advice()}") from broken
        if blameless > _MOST_BLAMELESS:
            message = f"Workers were lost {blameless} times, and no task ended one when it ran alone."
            raise WorkersLostError(f"{message} Perhaps all together need too much: {memory_advice()}") from broken


class _Attempt:
    """One passage of messages through one executor, and what is left of them when it breaks or must pause."""

    def __init__(self, parcels: list[Parcel], pack: Callable[[Message], Message], watch: MemoryWatch) -> None:
        self.broken: BrokenExecutor | None = None
        self._parcels, self._pack, self._watch = parcels, pack, watch
        self._done: set[int] = set()

    def run(self, send: Callable[..., Iterator[Delivery]]) -> Iterator[Returned]:
        """Send, and yield what comes back until it breaks or must pause."""
        for delivery in send(messages=self._messages()):
            if isinstance(delivery.error, BrokenExecutor):
                self.broken = delivery.error
                continue
            self._done.add(delivery.number)
            self._watch.look()
            number, message = self._parcels[delivery.number]
            yield message, delivery._replace(number=number)

    def left(self) -> list[Parcel]:
        """Return what has not come back."""
        return [parcel for place, parcel in enumerate(self._parcels) if place not in self._done]

    def _messages(self) -> Iterator[Message]:
        for _, message in self._parcels:
            if self.broken is not None or self._watch.exceeded:
                return
            yield self._pack(message)


def _no_room(problem: OSError) -> str:
    """Say what the system lacks for processes that work together, and where to get it."""
    advice = {
        errno.ENOSPC: "Semaphores need room in /dev/shm: free some, give a container more (--shm-size=1g), or",
        errno.EMFILE: "Too many files are open: allow more (ulimit -n), give fewer workers, or",
        errno.EAGAIN: "Too many processes run: allow more (ulimit -u), give fewer workers, or",
    }.get(problem.errno or 0, "Look whether processes can be started at all, or")
    return f"The workers cannot be started: {problem.strerror or problem}. {advice} use threads."


def advice_on(how: str) -> str:
    """Say what an end like this usually means, and what to do."""
    if how == "SIGKILL":
        return f"Something killed it. Where memory runs out the system does that: {memory_advice()}"
    if how in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"):
        return "It crashed in C code: look for ctypes, an extension module or too deep a recursion in the task."
    if how.startswith("exit code"):
        return "It left by itself, as os._exit() does: raise an exception instead, and only its task fails."
    return "Look for what sends signals to these processes."


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
