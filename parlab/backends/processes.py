"""Processes behind ``concurrent.futures.ProcessPoolExecutor``: separate memory, a GIL each, crashes reported."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from parlab.backends.base import Backend, Facts
from parlab.backends.meeting import Meeting
from parlab.backends.starting import children_ended, choose_start_method, semaphores_missing
from parlab.backends.worker import enter_process


class MeetingProcesses(ProcessPoolExecutor):
    """A ``ProcessPoolExecutor`` whose workers can meet."""

    def __init__(self, workers: int, start_method: str) -> None:
        context = multiprocessing.get_context(start_method)
        self.meeting = Meeting(context)
        super().__init__(workers, context, enter_process, (self.meeting, os.getpid()))


class ProcessesBackend(Backend):
    """``processes``, ``processes:forkserver``, ``processes:spawn``, ``processes:fork``."""

    name = "processes"

    def __init__(self, option: str | None = None) -> None:
        self.start_method = choose_start_method(self.name, option)
        self.facts = Facts(
            f"ProcessPoolExecutor, started by {self.start_method}",
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
            executor = MeetingProcesses(workers, self.start_method)
            try:
                yield executor
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                raise
            executor.shutdown()
