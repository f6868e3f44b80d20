"""Processes behind ``multiprocessing.Pool``, the oldest interface: fastest to dispatch, and silent when a worker dies.

Because a lost worker is never reported, a trial of this backend relies on the supervisor's deadline.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from multiprocessing.pool import Pool
from typing import Any, ParamSpec, TypeVar

from parlab.backends.delivery import Delivery
from parlab.backends.meeting import Meeting
from parlab.backends.starting import StartingBackend
from parlab.backends.worker import answer_numbered, enter_process
from parlab.errors import TrialError

_TERMINATE_S = 2.0
P = ParamSpec("P")
T = TypeVar("T")


class PoolExecutor(Executor):
    """A ``multiprocessing.Pool`` behind the interface of an executor. ``map`` is the bare ``Pool.map``."""

    def __init__(self, workers: int, start_method: str) -> None:
        context = multiprocessing.get_context(start_method)
        self.meeting = Meeting(context)
        self.pool: Pool = context.Pool(workers, enter_process, (self.meeting, os.getpid()))

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand over one call with ``apply_async``."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self.pool.apply_async(fn, args, kwargs, future.set_result, future.set_exception)
        return future

    def map(
        self, fn: Callable[..., T], *iterables: Any, timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Call ``Pool.map`` for one iterable and ``Pool.starmap`` for several."""
        del timeout
        if len(iterables) == 1:
            return iter(self.pool.map(fn, iterables[0], chunksize))
        return iter(self.pool.starmap(fn, zip(*iterables, strict=False), chunksize))

    def deliver(self, function: Callable[[Any], Any], messages: Iterable[Any]) -> Iterator[Delivery]:
        """Send messages with ``imap_unordered``, the pool's own way of telling when each result is back."""
        submitted: list[float] = []
        refused: list[Exception] = []

        def numbered() -> Iterator[tuple[Callable[[Any], Any], int, Any]]:
            try:
                for index, message in enumerate(messages):  # pulled by the pool's feeding thread
                    submitted.append(time.perf_counter())
                    yield function, index, message
            except Exception as problem:  # one cannot be packed: the pool would take that for the error of a task
                refused.append(problem)

        done: set[int] = set()
        errors: list[Exception] = []
        results = self.pool.imap_unordered(answer_numbered, numbered())
        while not refused:
            try:
                index, result = next(results)
            except StopIteration:
                break
            except Exception as error:  # the pool could not carry a result; it does not say which
                errors.append(error)
                continue
            done.add(index)
            yield Delivery(index, submitted[index], time.perf_counter(), result, None)
        if refused:
            raise refused[0]
        missing = set(range(len(submitted))) - done
        if len(missing) > 1:  # which error belongs to which message the pool does not say
            text = f"one of the messages {sorted(missing)} could not be carried: {errors[0]}"
            errors = [TrialError(text)] * len(missing)
        for index, problem in zip(sorted(missing), errors, strict=False):
            yield Delivery(index, submitted[index], time.perf_counter(), None, problem)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor
        """Close the pool, or terminate it when what is left is to be cancelled."""
        if cancel_futures:
            # It takes a lock that an idle worker holds, so it can wait for ever; a trial with a failed task was seen to
            # hang. The workers are killed right afterwards (``children_ended``), whether it has come back or not.
            ending = threading.Thread(target=self.pool.terminate, name="parlab-terminate", daemon=True)
            ending.start()
            ending.join(_TERMINATE_S)
            wait = wait and not ending.is_alive()
        else:
            self.pool.close()
        if wait:
            self.pool.join()


class PoolBackend(StartingBackend):
    """``pool``, ``pool:forkserver``, ``pool:spawn``, ``pool:fork``."""

    name = "pool"
    title = "multiprocessing.Pool"
    lost_worker = "is silent"
    executor = PoolExecutor
