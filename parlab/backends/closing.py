"""Ends executors that keep worker processes, in bounded time, whatever their workers did.

An executor's own shutdown returns before its workers are gone, or waits for tasks that never end, or for a lock that a
killed worker held. Here processes are ended first, and what waits for them is set free.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Self

from parlab import groups, segments
from parlab.backends import pipes

if TYPE_CHECKING:
    import psutil

_GRACE_S = 1.0  # for a task that tidies up when it is terminated
_ALONE_S = 1.0  # for a thread that reads results and finds out by itself that its workers are gone
_JOIN_S = 5.0
_LOOK_S = 0.5
_FOLLOW_S = 3.0  # between the end of the first worker and that of the last, when all were told to end


@contextmanager
def ended_after(end: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """End an engine after the block in its own way, then kill every process below this one that was not there before.

    For engines that start programs and keep no list of them. Resource trackers end by themselves, and may be others'.

    Yields
    ------
    callable
        Kills them now, where the engine's own way would wait for what they do.
    """
    import psutil

    me = psutil.Process()
    before = set(me.children(recursive=True))

    def started() -> set[psutil.Process]:
        return set(groups.without_trackers(me.children(recursive=True))) - before

    def kill() -> None:
        for one in started():
            _kill_descendant(one)

    try:
        yield kill
    finally:
        known = started()  # some would have another parent when the engine has ended
        try:
            end()
        finally:
            known |= started()  # and some may have come in place of others
            for one in known:
                _kill_descendant(one)
            psutil.wait_procs(known, _JOIN_S)


@contextmanager
def closing(executor: Executor, cancel: Callable[[], object]) -> Iterator[None]:
    """Shut an executor down after the block; when the block raises, cancel what waits and end the workers.

    Parameters
    ----------
    executor
        Which one.
    cancel
        Its own way to cancel what waits, without waiting for what runs.
    """
    try:
        yield
    except BaseException:
        held = _Held.by(executor)  # before it is cancelled: then it forgets what it holds
        try:
            if held.lost_one and held.thread is not None:  # stuck, it may have the lock that cancelling takes (3.12)
                held.end()  # not so a Pool: its handler would start new ones for them
            cancel()
        finally:  # an impatient user interrupts again
            held.end()
            _end_newcomers(executor)
            segments.sweep_all()  # a task that was ended in the middle could not remove what was its own
        raise
    close(executor)


def _end_newcomers(executor: Executor) -> None:
    """End the workers that a Pool's handler has started in the place of lost ones before it heard that all is over."""
    handler = getattr(getattr(executor, "pool", None), "_worker_handler", None)
    if handler is not None:
        handler.join(_ALONE_S)
        end_processes([process for process in workers_of(executor) if process.is_alive()])


def end_processes(processes: Sequence[BaseProcess]) -> None:
    """Terminate processes, kill those that have not ended soon, and what they started, and wait for their end."""
    below = _descendants(processes)
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _GRACE_S
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            _kill(process)
    for one in below:
        _kill_descendant(one)
    for process in processes:
        process.join(_JOIN_S)


def workers_of(executor: Executor) -> list[BaseProcess]:
    """Return the workers of an executor that keeps them in an attribute of its own, as those here all do."""
    pool = getattr(executor, "pool", None)
    if pool is not None:
        return list(getattr(pool, "_pool", None) or [])
    return list((getattr(executor, "_processes", None) or {}).values())


def runs_in_own_thread(executor: Executor | None) -> bool:
    """Tell whether an executor's own thread is asking, as it does where a future of its calls back."""
    return getattr(executor, "_executor_manager_thread", None) is threading.current_thread()


@dataclass(frozen=True, slots=True)
class _Held:
    """What must be ended with an executor: its workers, its ends of the two pipes, its thread, and the calls it has."""

    processes: list[BaseProcess]
    requests: Any  # the pipe of calls, whose reading end it has beside the workers
    results: Any
    thread: threading.Thread | None
    calls: dict[int, Any]

    @classmethod
    def by(cls, executor: Executor) -> Self:
        """Look what an executor holds; CPython and loky name it alike, and what is not there is left out."""
        return cls(
            workers_of(executor),
            getattr(executor, "_call_queue", None),
            getattr(executor, "_result_queue", None),
            getattr(executor, "_executor_manager_thread", None),
            getattr(executor, "_pending_work_items", None) or {},
        )

    @property
    def lost_one(self) -> bool:
        """Whether a worker has ended.

        Its sentinel does not always tell: it is the end of a pipe, which a process that the worker has forked keeps
        open (spawn and fork).
        """
        return not all(process.pid is None or groups.is_alive(process.pid) for process in self.processes)

    def end(self) -> None:
        """End the workers; if the reading thread then still waits, set it free: nobody else could write.

        A thread that ends by itself closes the pipe by itself. Two that close it at once would close a file twice,
        which by then can be somebody else's.
        """
        end_processes(self.processes)
        if self.thread is None:
            self.set_free()
            return
        self.thread.join(_ALONE_S)
        deadline = time.monotonic() + _JOIN_S
        while self.thread.is_alive() and time.monotonic() < deadline:
            self.set_free()
            self.thread.join(_ALONE_S)
        self.finish()

    def set_free(self) -> None:
        """Let the thread come to an end: close our end of the pipe of results; where that was done, use the pipes."""
        writer = getattr(self.results, "_writer", None)
        if writer is None:
            return
        if writer.closed and self.thread is not None:
            pipes.release(
                self.thread, getattr(self.results, "_reader", None), getattr(self.requests, "_writer", None), _ALONE_S
            )
        with suppress(OSError):  # the thread has closed it at this moment
            writer.close()

    def finish(self) -> None:
        """Do what the thread would have done, where it has gone without: fail its calls, and let its feeder go.

        Before 3.12, CPython's thread fails them without the executor's lock. A call that is being sent at that moment
        comes too late, or makes the thread fail in the middle; then the thread that feeds large calls into the pipe
        waits for ever, and the interpreter for it, because the reading end is still open here. Loky never closes it.
        """
        if self.thread is None or self.thread.is_alive():
            return
        with suppress(KeyError):  # somebody else does the same
            while self.calls:
                _, call = self.calls.popitem()
                with suppress(InvalidStateError):  # it was cancelled
                    call.future.set_exception(BrokenExecutor("a worker was lost while this call was being sent"))
        reader = getattr(self.requests, "_reader", None)
        if reader is not None:
            with suppress(OSError):
                reader.close()


def close(executor: Executor) -> None:
    """Wait for an executor's own shutdown, unless a worker has died with a lock that the others wait for."""
    held = _Held.by(executor)
    ending = threading.Thread(target=executor.shutdown, name="parlab-closing", daemon=True)
    ending.start()
    first_end_s = None
    try:
        while True:
            ending.join(_LOOK_S)
            if not ending.is_alive():
                held.finish()
                return
            if not held.lost_one:
                continue
            first_end_s = first_end_s or time.monotonic()
            if time.monotonic() - first_end_s > _FOLLOW_S:
                held.end()
                return
    except BaseException:  # the user does not want to wait
        held.end()
        raise


def _kill(process: BaseProcess) -> None:
    """Kill a process; loky's have no ``kill`` of their own."""
    if process.pid is not None and process.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _kill_descendant(process: "psutil.Process") -> None:
    import psutil

    with suppress(psutil.Error):
        process.kill()


def _descendants(processes: Sequence[BaseProcess]) -> list["psutil.Process"]:
    """List what workers have started: programs of their own, which nobody else would end."""
    import psutil

    found = []
    for process in processes:
        with suppress(psutil.Error):
            found += psutil.Process(process.pid).children(recursive=True)
    return found


class StuckWatch:
    """Ends what would wait for ever in a pool that has lost a worker.

    Half a large result in the pipe holds up the thread that would notice the death (``ProcessPoolExecutor``, and loky,
    which is built like it): it reads on for ever, because others could still write. So, when a worker has been
    dead for two looks and the executor has said nothing, all its workers are killed and its own end of the pipe is
    closed; the reader gets an end of file, or in the end zeros, and the executor says that it is broken. When its
    thread has gone, nobody fails the calls that it has left any more, and they are failed here.

    Parameters
    ----------
    executor
        Keeps its workers in ``_processes``, its pipes in ``_call_queue`` and ``_result_queue``, its thread in
        ``_executor_manager_thread`` and its calls in ``_pending_work_items``; without them nothing is done.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor, self._suspicious = executor, False
        self._looking = threading.Lock()

    def __call__(self) -> None:
        """Look once; of two threads that look at once, one does."""
        if self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()

    def _look(self) -> None:
        held = _Held.by(self._executor)
        held.finish()
        if held.thread is not None and not held.thread.is_alive():
            return
        lost = held.lost_one
        if not lost or not self._suspicious:
            self._suspicious = lost
            return
        for process in held.processes:
            _kill(process)
        held.set_free()


def how_it_ended(process: BaseProcess) -> str:
    """Say how a process ended: ``SIGKILL``, or ``exit code 0``."""
    code = process.exitcode
    return groups.signal_name(-code) if code is not None and code < 0 else f"exit code {code}"
