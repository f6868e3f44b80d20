"""Ends executors that keep worker processes, in bounded time, whatever their workers did.

An executor's own shutdown returns before its workers are gone, or waits for tasks that never end, or for a lock that a
killed worker held. Here processes are ended first, and what waits for them is set free.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

_GRACE_S = 1.0  # for a task that tidies up when it is terminated
_JOIN_S = 5.0
_LOOK_S = 0.5
_FOLLOW_S = 3.0  # between the end of the first worker and that of the last, when all were told to end


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
        processes = workers_of(executor)
        cancel()
        end_processes(processes)
        _set_free(executor)
        raise
    _close(executor)


@contextmanager
def children_ended(context: BaseContext) -> Iterator[None]:
    """When the block raises, end and join the children that were started inside it: terminate, and then kill.

    An executor's own shutdown returns before its workers are gone, or waits for tasks that never end.
    """
    before = {child.pid for child in context.active_children()}
    try:
        yield
    except BaseException:
        end_processes([child for child in context.active_children() if child.pid not in before])
        raise


def end_processes(processes: Sequence[BaseProcess]) -> None:
    """Terminate processes, kill those that have not ended soon, and wait until they are gone."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _GRACE_S
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            _kill(process)
    for process in processes:
        process.join(_JOIN_S)


def _close(executor: Executor) -> None:
    """Wait for an executor's own shutdown, unless a worker has died with a lock that the others wait for."""
    processes = workers_of(executor)
    ending = threading.Thread(target=executor.shutdown, name="parlab-closing", daemon=True)
    ending.start()
    first_end_s = None
    while True:
        ending.join(_LOOK_S)
        if not ending.is_alive():
            return
        if not wait([process.sentinel for process in processes], 0):
            continue
        first_end_s = first_end_s or time.monotonic()
        if time.monotonic() - first_end_s > _FOLLOW_S:
            end_processes(processes)
            _set_free(executor)
            ending.join(_JOIN_S)
            return


def _kill(process: BaseProcess) -> None:
    """Kill a process; loky's have no ``kill`` of their own."""
    if process.pid is not None and process.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def workers_of(executor: Executor) -> list[BaseProcess]:
    """Return the workers of an executor that keeps them as CPython's and loky's do, in an attribute of its own."""
    return list((getattr(executor, "_processes", None) or {}).values())


def _set_free(executor: Executor) -> None:
    """Give the thread that reads results an end of file, now that nobody else could write."""
    writer = getattr(getattr(executor, "_result_queue", None), "_writer", None)
    if writer is not None:
        writer.close()


class StuckWatch:
    """Ends a pool that waits for the rest of a message whose sender was killed in the middle of it.

    Half a large result in the pipe holds up the thread that would notice the death (``ProcessPoolExecutor``, and loky,
    which is built like it): it reads on for ever, because others could still write. So, when a worker has been
    dead for two looks and the executor has said nothing, all its workers are killed and its own end of the pipe is
    closed; the reader gets an end of file, and the executor says that it is broken.

    Parameters
    ----------
    executor
        Keeps its workers in ``_processes`` and its pipe in ``_result_queue``; without them nothing is done.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor, self._suspicious = executor, False

    def __call__(self) -> None:
        """Look once."""
        processes = workers_of(self._executor)
        dead = wait([process.sentinel for process in processes], 0)
        if not dead or not self._suspicious:
            self._suspicious = bool(dead)
            return
        for process in processes:
            _kill(process)
        _set_free(self._executor)


def how_it_ended(process: BaseProcess) -> str:
    """Say how a process ended: ``SIGKILL``, or ``exit code 0``."""
    code = process.exitcode
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:  # a real-time signal has no name
            return f"signal {-code}"
    return f"exit code {code}"
