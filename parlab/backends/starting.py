"""What the engines that start processes have in common: the choice of a start method, and the end of workers."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from parlab.backends.base import Backend, Facts, shutting_down
from parlab.errors import InputError, unknown_choice
from parlab.machine.detection import default_start_method
from parlab.segments import owning_semaphores

_GRACE_S = 1.0  # for a task that tidies up when it is terminated
_JOIN_S = 5.0


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
            process.kill()
    for process in processes:
        process.join(_JOIN_S)


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
        processes = list((getattr(self._executor, "_processes", None) or {}).values())
        dead = wait([process.sentinel for process in processes], 0)
        if not dead or not self._suspicious:
            self._suspicious = bool(dead)
            return
        for process in processes:
            process.kill()
        writer = getattr(getattr(self._executor, "_result_queue", None), "_writer", None)
        if writer is not None:
            writer.close()


class StartingBackend(Backend):
    """An engine whose workers are processes that ``multiprocessing`` starts, by a method that is always explicit.

    Attributes
    ----------
    title
        What stands behind it, for the list of backends.
    executor
        Makes the executor from a number of workers and a start method.
    """

    title: str
    executor: Callable[[int, str], Executor]

    def __init__(self, option: str | None = None) -> None:
        self.start_method = choose_start_method(self.name, option)
        self.facts = Facts(
            f"{self.title}, started by {self.start_method}",
            shares_memory=False,
            needs_importable_task=True,
            start_method=self.start_method,
        )

    def availability(self) -> str | None:
        """Look for semaphores, which browsers and a few small systems lack."""
        return semaphores_missing()

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the pool; on an exception waiting tasks are cancelled and the workers are killed and joined."""
        with children_ended(multiprocessing.get_context(self.start_method)):
            with owning_semaphores():
                started = type(self).executor(workers, self.start_method)
            with shutting_down(started) as executor:
                yield executor
