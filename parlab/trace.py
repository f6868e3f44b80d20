"""The tracing envelope: notes, inside the worker, when each task ran and what it cost, and catches what it raises.

It is put around a task only when spans are wanted, so that "tracing off" is the bare engine. Standard library only,
because it is imported in every worker.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from reprlib import Repr
from typing import Any, NamedTuple

from parlab.errors import InputError
from parlab.records import Failure

_COARSEST_CPU_CLOCK_S = 1e-3  # Windows counts CPU time in steps of 15.6 ms: no figure is better than a wrong one
_TRACEBACK_CHARACTERS = 8_000
_MESSAGE_CHARACTERS = 500

_REPR_CHARACTERS = 120

_short = Repr()
_short.maxstring = _short.maxother = _REPR_CHARACTERS


class Message(NamedTuple):
    """Tasks that travel together: the index of the first, and their items."""

    first: int
    items: Sequence[Any]


class Mark(NamedTuple):
    """One task as its worker saw it, on the worker's own clock."""

    started_s: float
    finished_s: float
    cpu_s: float


class Report(NamedTuple):
    """What comes back for one message. A failed task's value is None, and its failure stands in ``failures``."""

    process: int
    thread: int
    values: list[Any]
    marks: list[Mark]
    failures: list[Failure]


class Envelope:
    """A task with a watch in its hand.

    Parameters
    ----------
    task
        The function to call with each item.
    shares_process
        True where several workers live in one process: then CPU time is the thread's, else the process's, which
        includes threads that a library starts.
    stop_at_failure
        True to leave the rest of a message alone when a task has failed.
    """

    __slots__ = ("shares_process", "stop_at_failure", "task")

    def __init__(self, task: Callable[[Any], Any], *, shares_process: bool, stop_at_failure: bool = False) -> None:
        self.task, self.shares_process, self.stop_at_failure = task, shares_process, stop_at_failure

    def __getstate__(self) -> tuple[Callable[[Any], Any], bool, bool]:
        """Travel as little as possible: this is sent with every message."""
        return self.task, self.shares_process, self.stop_at_failure

    def __setstate__(self, state: tuple[Callable[[Any], Any], bool, bool]) -> None:
        """Come back from a journey."""
        self.task, self.shares_process, self.stop_at_failure = state

    def __call__(self, message: Message) -> Report:
        """Run the tasks of one message, one after the other."""
        task, clock = self.task, time.perf_counter
        cpu_clock = time.thread_time if self.shares_process else time.process_time
        values: list[Any] = []
        marks: list[Mark] = []
        failures: list[Failure] = []
        for index, item in enumerate(message[1], message[0]):
            value = None
            cpu_before, started_s = cpu_clock(), clock()
            try:
                value = task(item)
            except BaseException as error:  # SystemExit and KeyboardInterrupt raised in a task are the task's errors
                failures.append(describe_failure(index, item, error))
            marks.append(Mark(started_s, clock(), cpu_clock() - cpu_before))
            values.append(value)
            if failures and self.stop_at_failure:
                break
        return Report(os.getpid(), threading.get_native_id(), values, marks, failures)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The first touch in every worker: imports, caches, and the envelope. What the task raises here is not judged."""

    task: Callable[[Any], Any]
    shares_process: bool

    def __call__(self, item: Any) -> None:
        """Run the task once in the envelope, which keeps what it raises."""
        Envelope(self.task, shares_process=self.shares_process)(Message(0, [item]))


def cpu_clock_is_fine() -> bool:
    """Tell whether this system's CPU clock can time a task. Windows claims 100 ns for a clock that ticks at 15.6 ms."""
    return sys.platform != "win32" and time.get_clock_info("process_time").resolution <= _COARSEST_CPU_CLOCK_S


def describe_failure(index: int, item: Any, error: BaseException) -> Failure:
    """Turn an exception into text that can travel, whatever the exception holds.

    Parameters
    ----------
    index, item
        The task that raised.
    error
        What it raised; a cause that came from a worker is part of the traceback.
    """
    lines = traceback.format_exception(type(error), error, _below_envelope(error))
    text = "".join(lines)
    if len(text) > _TRACEBACK_CHARACTERS:
        half = _TRACEBACK_CHARACTERS // 2
        text = f"{text[:half]}\n  […]\n{text[-half:]}"
    return Failure(index, _shown(item), _name(error), text, refused=isinstance(error, InputError))


def _below_envelope(error: BaseException) -> Any:
    """Skip the envelope's own frame: a learner wants to see the task."""
    top = error.__traceback__
    if top is not None and top.tb_frame.f_code is Envelope.__call__.__code__:
        return top.tb_next
    return top


def _shown(item: Any) -> str:
    """Show an item, shortened, whatever its own ``__repr__`` does."""
    try:
        return _short.repr(item)
    except Exception:  # int has a limit of 4,300 digits, and a repr of the user's can raise anything
        return f"<{type(item).__name__}>"


def _name(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an exception's own __str__ can be broken
        text = "(its message cannot be shown)"
    return f"{type(error).__name__}: {text[:_MESSAGE_CHARACTERS]}" if text else type(error).__name__


def cut_messages(items: Sequence[Any], chunksize: int) -> list[Message]:
    """Cut the items into messages of ``chunksize`` tasks; the last may be shorter."""
    return [Message(first, items[first : first + chunksize]) for first in range(0, len(items), chunksize)]
