"""Threads behind ``multiprocessing.pool.ThreadPool``, for programs that were written for a ``Pool``."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from typing import ParamSpec, TypeVar

from parlab.backends.base import Backend, Facts, shutting_down
from parlab.backends.meeting import Meeting
from parlab.backends.worker import enter_thread

P = ParamSpec("P")
T = TypeVar("T")


class ThreadPoolOfPool(Executor):
    """A ``ThreadPool`` behind the interface of an executor."""

    def __init__(self, workers: int) -> None:
        self.meeting = Meeting(threading)  # where all workers answer before the clock of the work runs
        self._pool = ThreadPool(workers, enter_thread, (self.meeting,))

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand over one call with ``apply_async``; its exception is kept in the future."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._pool.apply_async(fn, args, kwargs, future.set_result, future.set_exception)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor
        """Take no more calls, or drop those that wait (a running thread cannot be ended)."""
        if cancel_futures:
            self._pool.terminate()
        else:
            self._pool.close()
        if wait:
            self._pool.join()


class ThreadPoolBackend(Backend):
    """``multiprocessing.pool.ThreadPool``."""

    name = "thread-pool"
    facts = Facts(
        "ThreadPool of multiprocessing: one process, shared memory",
        shares_memory=True,
        needs_importable_task=False,
        shares_process=True,
        lost_worker="ends all",
    )

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the threads; on an exception what waits is dropped."""
        with shutting_down(ThreadPoolOfPool(workers)) as executor:
            yield executor
