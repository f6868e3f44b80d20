"""Threads of one process: quick to start, one memory, and one GIL unless the build is free-threaded."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from parlab.backends.base import Backend, Facts, shutting_down
from parlab.backends.meeting import Meeting
from parlab.backends.worker import enter_thread


class MeetingThreads(ThreadPoolExecutor):
    """A ``ThreadPoolExecutor`` whose workers can meet."""

    def __init__(self, workers: int) -> None:
        self.meeting = Meeting(threading)
        super().__init__(workers, "parlab-worker", enter_thread, (self.meeting,))


class ThreadsBackend(Backend):
    """``concurrent.futures.ThreadPoolExecutor``."""

    name = "threads"
    facts = Facts(
        "ThreadPoolExecutor: one process, shared memory",
        shares_memory=True,
        needs_importable_task=False,
        shares_process=True,
        lost_worker="ends all",
    )

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start a thread pool; on an exception waiting tasks are cancelled (a running thread cannot be ended)."""
        with shutting_down(MeetingThreads(workers)) as executor:
            yield executor
