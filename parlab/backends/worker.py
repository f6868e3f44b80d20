"""What runs inside a worker besides the task. Standard library only: every import here is charged to every start."""

import multiprocessing
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any, NamedTuple

from parlab import nesting
from parlab.backends.meeting import Meeting

PARENT_POLL_S = 0.5

_here = threading.local()  # thread workers share one process, so what belongs to a worker belongs to its thread
_belongings: set[str] = set()  # folders of the parent
_interpreter: dict[str, Meeting] = {}  # an interpreter has this module for itself, and a new thread state each call


def digest_of(host: str) -> str:
    """Tell hosts apart without naming them."""
    from hashlib import blake2b  # a few workers' business only

    return blake2b(host.encode(), digest_size=4).hexdigest()


class Introduction(NamedTuple):
    """A worker's identity, and its clock read right after the meeting. No dataclass: their module is slow to import."""

    host: str
    process: int
    thread: int
    clock_s: float


def enter_thread(meeting: Meeting) -> None:
    """Initialise a worker that is a thread of the trial process."""
    _here.meeting = meeting
    nesting.enter_worker("thread")


def enter_interpreter(meeting: Meeting, path: list[str]) -> None:
    """Initialise a worker that is an interpreter of its own; it does not inherit where the parent looks for modules."""
    sys.path[:] = path
    _interpreter["meeting"] = meeting
    nesting.enter_worker("interpreter")


def enter_process(meeting: Meeting, parent: int) -> None:
    """Initialise a worker that is a process of its own.

    Parameters
    ----------
    meeting
        Where all workers wait for each other.
    parent
        The trial's process number, for engines that hand over no sentinel.
    """
    _here.meeting = meeting
    nesting.enter_worker("process")
    # Ctrl-C reaches the whole foreground group. An executor's worker would take it for a task's error and go on with
    # the next task, so the interrupt is left to the parent, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(parent,), name="parlab-parent-watch", daemon=True).start()


def _end_with_parent(parent: int) -> None:
    """End this worker when its parent is gone, however it went: a killed parent closes nothing and tells nobody."""
    known = multiprocessing.parent_process()
    if known is not None and known.sentinel is not None:
        # A forked worker's sentinel is a pipe that those forked later hold, too, and so does a child that one leaves.
        look_s = PARENT_POLL_S if os.getppid() == parent else None
        while not wait([known.sentinel], look_s) and os.getppid() == parent:
            pass
    elif sys.platform == "win32":  # a child's parent number stays the same there when the parent is gone
        import _winapi

        wait([_winapi.OpenProcess(_winapi.SYNCHRONIZE, False, parent)])
    else:  # loky starts workers of its own making, without a sentinel but as direct children
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_S)
    try:
        for folder in tuple(_belongings):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(1)


def enter_once(meeting: Meeting, parent: int) -> None:
    """Initialise a worker of an engine that has no place for it before the first task; later calls do nothing."""
    if getattr(_here, "meeting", None) is None:
        enter_process(meeting, parent)


def remove_with_parent(folder: str) -> None:
    """Remove a folder of the parent's when the parent was killed and cannot do it any more."""
    _belongings.add(folder)


def attend(errand: Callable[..., Any] | None, argument: Any) -> tuple[Introduction, Any]:
    """Wait until every worker has come, then run an errand.

    Parameters
    ----------
    errand
        A function of one argument, or None to come for the introduction only.
    argument
        What the errand is given.
    """
    meeting: Meeting = _interpreter.get("meeting") or _here.meeting
    meeting.attend()
    return run_errand(errand, argument)


def run_errand(errand: Callable[..., Any] | None, argument: Any) -> tuple[Introduction, Any]:
    """Say who this worker is and what its clock shows, then run the errand."""
    clock_s = time.perf_counter()
    known = Introduction(socket.gethostname(), os.getpid(), threading.get_native_id(), clock_s)
    return known, None if errand is None else errand(argument)


def answer_numbered(numbered: tuple[Callable[[Any], Any], int, Any]) -> tuple[int, Any]:
    """Call a function with a message and give its number back, for engines that return results in any order."""
    function, index, message = numbered
    return index, function(message)


class ByName:
    """A function that always travels by its name.

    The executor takes a function without globals of its own apart and rebuilds it from its code on the other side; that
    it uses a global inside a generator expression or lambda is overlooked, and ends in a NameError (Python 3.14.10).
    """

    __slots__ = ("function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function."""
        return self.function(*arguments, **keywords)
