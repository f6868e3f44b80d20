"""Pipes of workers that have gone, which somebody else still holds: gives a thread that waits for one what it wants.

A child that a task has forked keeps its worker's pipes open as long as it lives. So nobody who reads gets an end of
file, and nobody who writes an error. Linux lets a process open the other end of its pipe again; elsewhere, and where a
pipe is closed already, nothing is done.
"""

import os
import select
import stat
import sys
import threading
import time
from contextlib import ExitStack, suppress
from typing import Any

_ZEROS = bytes(1 << 16)  # as much as goes into a pipe
_WAIT_MS = 10


def release(thread: threading.Thread, read_by_it: Any, written_for_it: Any, timeout_s: float) -> None:
    """Write zeros into one pipe and empty the other, until a thread has ended.

    Parameters
    ----------
    thread
        Waits for one of the two.
    read_by_it
        The connection from which it reads results. Zeros make no result: what it has read of one ends with them.
    written_for_it
        The connection into which a thread writes for whose end it waits.
    timeout_s
        When to give up.
    """
    if sys.platform != "linux":
        return
    with ExitStack() as stack:
        ready = select.poll()
        for connection, how, event in (
            (read_by_it, os.O_WRONLY, select.POLLOUT),
            (written_for_it, os.O_RDONLY, select.POLLIN),
        ):
            with suppress(OSError, AttributeError):  # closed, or not there
                ready.register(_other_end(connection, how, stack), event)
        deadline = time.monotonic() + timeout_s
        while thread.is_alive() and time.monotonic() < deadline:
            for pipe, event in ready.poll(_WAIT_MS):
                if not _moved(pipe, event):
                    ready.unregister(pipe)


def _moved(pipe: int, event: int) -> bool:
    """Write or read some; False where nothing can come of it any more."""
    try:
        return bool(os.write(pipe, _ZEROS) if event & select.POLLOUT else os.read(pipe, len(_ZEROS)))
    except OSError:  # whoever waited has closed his end at this moment
        return False


def _other_end(connection: Any, how: int, stack: ExitStack) -> int:
    pipe = os.open(f"/proc/self/fd/{connection.fileno()}", how | os.O_NONBLOCK)
    stack.callback(os.close, pipe)
    if not stat.S_ISFIFO(os.fstat(pipe).st_mode):  # it was closed at this moment, and its number is a file's now
        raise OSError
    return pipe
