"""What the engines that start processes have in common: the choice of a start method, and the end of workers."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from parlab.errors import InputError, unknown_choice
from parlab.machine.detection import default_start_method

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
    """When the block raises, kill and join the children that were started inside it.

    An executor's own shutdown returns before its workers are gone, or waits for tasks that never end.
    """
    before = {child.pid for child in context.active_children()}
    try:
        yield
    except BaseException:
        for child in context.active_children():
            if child.pid not in before:
                child.kill()
                child.join(_JOIN_S)
        raise
