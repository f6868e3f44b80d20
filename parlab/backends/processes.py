"""Processes behind ``concurrent.futures.ProcessPoolExecutor``: separate memory, a GIL each, crashes reported."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

from parlab.backends.closing import StuckWatch
from parlab.backends.meeting import Meeting
from parlab.backends.starting import StartingBackend
from parlab.backends.worker import enter_process


class MeetingProcesses(ProcessPoolExecutor):
    """A ``ProcessPoolExecutor`` whose workers can meet."""

    def __init__(self, workers: int, start_method: str) -> None:
        context = multiprocessing.get_context(start_method)
        self.meeting = Meeting(context)
        super().__init__(workers, context, enter_process, (self.meeting, os.getpid()))
        self.release_stuck = StuckWatch(self)


class ProcessesBackend(StartingBackend):
    """``processes``, ``processes:forkserver``, ``processes:spawn``, ``processes:fork``."""

    name = "processes"
    title = "ProcessPoolExecutor"
    lost_worker = "is told"
    executor = MeetingProcesses
