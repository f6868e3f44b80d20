"""What the engines that start processes have in common: the choice of a start method, and the end of workers."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial

from parlab.backends.base import Backend, Facts, LostWorker
from parlab.backends.closing import closing
from parlab.errors import InputError, unknown_choice
from parlab.machine.detection import default_start_method
from parlab.segments import owning_semaphores


def choose_start_method(backend: str, option: str | None) -> str:
    """Read the option of a spec such as ``processes:spawn``; without one, the default of this system.

    Raises
    ------
    InputError
        There is no such start method, or not on this system.
    """
    if option is None:
        return default_start_method()
    if option not in ("fork", "forkserver", "spawn"):
        advice = f"Write {backend}:spawn, for example."
        raise unknown_choice("start method", option, ("fork", "forkserver", "spawn"), advice)
    if option not in multiprocessing.get_all_start_methods():
        available = ", ".join(sorted(multiprocessing.get_all_start_methods()))
        raise InputError(f"The start method {option!r} does not exist on this system. It has {available}.")
    return option


def semaphores_missing() -> str | None:
    """Tell why processes cannot be coordinated here; None where they can. Some small systems lack POSIX semaphores."""
    try:
        import multiprocessing.synchronize  # noqa: F401
    except ImportError as problem:
        return f"this Python has no working semaphores ({problem}); use an ordinary build of Python, or threads."
    return None


class StartingBackend(Backend):
    """An engine whose workers are processes that ``multiprocessing`` starts, by a method that is always explicit.

    Attributes
    ----------
    title
        What stands behind it, for the list of backends.
    lost_worker
        See ``Facts``.
    executor
        Makes the executor from a number of workers and a start method.
    """

    title: str
    lost_worker: LostWorker
    executor: Callable[[int, str], Executor]

    def __init__(self, option: str | None = None) -> None:
        self.start_method = choose_start_method(self.name, option)
        self.facts = Facts(
            f"{self.title}, started by {self.start_method}",
            shares_memory=False,
            needs_importable_task=True,
            start_method=self.start_method,
            lost_worker=self.lost_worker,
        )

    def availability(self) -> str | None:
        """Look for semaphores, which browsers and a few small systems lack."""
        return semaphores_missing()

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the pool; on an exception waiting tasks are cancelled and the workers are killed and joined."""
        with owning_semaphores():
            executor = type(self).executor(workers, self.start_method)
        with closing(executor, partial(executor.shutdown, wait=False, cancel_futures=True)):
            yield executor
