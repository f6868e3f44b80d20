"""loky's robust process pool: survives crashes, and ships functions by value, those of notebook cells included."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec

from parlab.backends.base import Backend, Facts
from parlab.backends.closing import StuckWatch, closing
from parlab.backends.meeting import Meeting
from parlab.backends.worker import enter_process

_NEVER_S = 24 * 3600  # loky ends workers that are idle for this long; a trial must not lose any


class LokyBackend(Backend):
    """``loky.ProcessPoolExecutor``."""

    name = "loky"
    facts = Facts(
        "loky's ProcessPoolExecutor: ships cell functions",
        shares_memory=False,
        needs_importable_task=False,
        start_method="loky",
        lost_worker="is told",
    )

    def availability(self) -> str | None:
        """Look for the loky package."""
        return None if find_spec("loky") else "loky is not installed: pip install loky"

    def prepare(self) -> None:
        """Import loky."""
        import loky.backend  # noqa: F401

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the pool; on an exception its workers are killed."""
        import loky
        from loky.backend import get_context

        context = get_context("loky")
        meeting = Meeting(context)
        executor = loky.ProcessPoolExecutor(
            workers, timeout=_NEVER_S, context=context, initializer=enter_process, initargs=(meeting, os.getpid())
        )
        executor.meeting, executor.release_stuck = meeting, StuckWatch(executor)
        # Not kill_workers=True: loky's thread then stumbles over calls that are cancelled (3.7), and prints that. A
        # kernel keeps a thread that has printed for ten seconds, and with it the names of all semaphores.
        with closing(executor, partial(executor.shutdown, wait=False)):
            yield executor
