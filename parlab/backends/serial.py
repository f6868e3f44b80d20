"""The plain loop as an engine: what every speedup is measured against."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from parlab.backends.base import Backend, Facts
from parlab.errors import InputError

P = ParamSpec("P")
T = TypeVar("T")


class SerialExecutor(Executor):
    """Runs each task at once, in the caller's own thread."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call the function now; its exception is kept in the future, as every executor does."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future

    def map(
        self, fn: Callable[..., T], *iterables: Any, timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Loop, and nothing else."""
        del timeout, chunksize
        return iter([fn(*arguments) for arguments in zip(*iterables, strict=False)])


class SerialBackend(Backend):
    """One worker: this one."""

    name = "serial"
    facts = Facts(
        "the plain loop, every speedup's baseline",
        shares_memory=True,
        needs_importable_task=False,
        lost_worker="ends all",
    )

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Yield an executor that runs tasks at once; more than one worker is refused."""
        if workers != 1:
            raise InputError(f"serial is one plain loop; it cannot have {workers} workers. Use threads or processes.")
        yield SerialExecutor()
