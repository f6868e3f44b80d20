"""A ``concurrent.futures.Executor`` over ``ray.remote``. It starts no session of Ray's and ends none."""

import concurrent.futures
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

from parlab.backends.endings import WorkerGoneError
from parlab.backends.meeting import Meeting
from parlab.backends.worker import enter_once

P = ParamSpec("P")
T = TypeVar("T")


class RayExecutor(Executor):
    """Sends each call with ``ray.remote``."""

    def __init__(self, meeting: Meeting) -> None:
        import ray

        self.meeting, self._pending = meeting, set[Future[Any]]()
        self._remote = ray.remote(num_cpus=1, max_retries=0)(_run)
        self._meeting = ray.put(meeting)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand over one call; what Ray says of a lost worker is said as every executor says it."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._pending.add(future)
        self._remote.remote(self._meeting, fn, args, kwargs).future().add_done_callback(partial(self._answer, future))
        return future

    def map(self, fn: Callable[..., T], *iterables: Any, timeout: Any = None, chunksize: int = 1) -> Iterator[T]:
        """Call in pieces of ``chunksize``, in order."""
        calls = list(zip(*iterables, strict=False))
        pieces = [calls[first : first + chunksize] for first in range(0, len(calls), chunksize)]
        futures = [self.submit(_run_all, fn, piece) for piece in pieces]
        return (value for future in futures for value in future.result(timeout))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor
        """Wait for what was submitted; what is not wanted any more ends with the session."""
        if wait and not cancel_futures:
            concurrent.futures.wait(self._pending)

    def _answer(self, future: Future[T], answer: Future[Any]) -> None:
        from ray.exceptions import LocalRayletDiedError, NodeDiedError, OutOfMemoryError, WorkerCrashedError

        self._pending.discard(future)
        error = answer.exception()
        # Ray's own watch on memory kills workers too, and with the raylet, which starts them, all of them end.
        if isinstance(error, WorkerCrashedError | OutOfMemoryError | NodeDiedError | LocalRayletDiedError):
            error = WorkerGoneError(f"A worker of Ray's was lost: {error}", type(error).__name__)
        if error is None:
            future.set_result(answer.result())
        else:
            future.set_exception(getattr(error, "cause", None) or error)


def _run(meeting: Meeting, function: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
    enter_once(meeting, os.getppid())  # the session, of which this process is a worker
    return function(*arguments, **keywords)


def _run_all(function: Callable[..., Any], calls: list[Any]) -> list[Any]:
    return [function(*arguments) for arguments in calls]
