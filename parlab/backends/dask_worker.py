"""What runs inside a Dask worker besides the task. It has parlab there, and whatever Dask itself has imported."""

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from parlab import nesting
from parlab.backends.worker import Introduction, run_errand


def dask_setup(_worker: Any) -> None:
    """Make a worker of a cluster of our own one of ours, also one that replaces a lost one: Dask calls a preload's.

    It is what ``enter_process`` does elsewhere; that their parent has gone Dask's workers notice by themselves.
    """
    nesting.enter_worker("process")
    with suppress(ValueError):  # only the main thread may, and Dask's loop runs in it
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def call_each(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call a function with each of several arguments: a chunk."""
    return [function(*arguments) for arguments in calls]


def call(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call a function that came by reference."""
    return function(*arguments, **keywords)


def introduce(errand: Callable[..., Any] | None, argument: Any) -> tuple[Introduction, Any]:
    """Say who this worker is and what its clock shows, then run an errand."""
    return run_errand(errand, argument)
