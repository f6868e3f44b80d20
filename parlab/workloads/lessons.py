"""Small functions for the notebooks to start as processes, since a started process can only import what it shall do.

They keep to the standard library, so that starting one costs little more than starting Python. The last three are for
the notebook's side: start and join processes, read what they sent, run a program. No workload is here.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from multiprocessing.queues import SimpleQueue

_END_S = 10.0  # to wait for what has been killed
_GAP_S = 1e-3  # a step takes far less; who waits for the GIL waits five times as long (sys.getswitchinterval)


class Sender(Protocol):
    """What a message can be put into: a ``SimpleQueue`` or a ``Queue``."""

    def put(self, value: Any, /) -> None:
        """Send a message."""


def nap(seconds: float) -> None:
    """Sleep, and use no core while doing so.

    Parameters
    ----------
    seconds
        How long.
    """
    time.sleep(seconds)


def send(queue: Sender, value: Any) -> None:
    """Send a value to whoever reads the queue.

    Parameters
    ----------
    queue
        A queue of ``multiprocessing``.
    value
        Anything that can be pickled.
    """
    queue.put(value)


def nap_then_send(queue: Sender, seconds: float, value: Any) -> None:
    """Sleep, then send a value.

    Parameters
    ----------
    queue
        A queue of ``multiprocessing``.
    seconds
        How long to sleep.
    value
        Anything that can be pickled.
    """
    time.sleep(seconds)
    queue.put(value)


def send_process_number(queue: Sender) -> None:
    """Send the number that the operating system gave to this process.

    Parameters
    ----------
    queue
        A queue of ``multiprocessing``.
    """
    queue.put(os.getpid())


def send_square(queue: Sender, number: int) -> None:
    """Square a number and say which process did it.

    Parameters
    ----------
    queue
        Gets ``(number, square, process number)``.
    number
        What to square.
    """
    queue.put((number, number * number, os.getpid()))


def count_and_report(queue: Sender, number: int, bounds: tuple[int, int]) -> None:
    """Count the primes in a range, and report when that began and when it ended.

    Parameters
    ----------
    queue
        Gets ``(number, began_s, ended_s)``; the times are those of ``time.time()``, which all processes share.
    number
        Tells this report from the others.
    bounds
        ``(start, stop)``, as ``parlab.workloads.primes.count_primes`` takes them.
    """
    from parlab.workloads.primes import count_primes

    began_s = time.time()
    count_primes(bounds)
    queue.put((number, began_s, time.time()))


def stretches_at_work(seconds: float) -> list[tuple[float, float]]:
    """Look at the clock again and again, and note from when to when this thread really ran.

    Between two looks lies less than a microsecond of pure Python. Where a millisecond or more is missing, somebody else
    had the GIL, or the core.

    Parameters
    ----------
    seconds
        How long to go on.

    Returns
    -------
    list of tuple
        ``(began_s, ended_s)`` of each stretch without a gap, by ``time.perf_counter()``, a clock that all processes of
        a machine share.
    """
    began_s = last_s = time.perf_counter()
    end_s = began_s + seconds
    stretches = []
    while last_s < end_s:
        now_s = time.perf_counter()
        if now_s - last_s >= _GAP_S:
            stretches.append((began_s, last_s))
            began_s = now_s
        last_s = now_s
    return [*stretches, (began_s, last_s)]


def raise_error(message: str) -> None:
    """Raise an error that nobody catches.

    Parameters
    ----------
    message
        The text of the error. It is printed without the lines of code that led to it: ``sys.tracebacklimit`` is 0 in
        this process, so that a notebook keeps no folder names of one machine.

    Raises
    ------
    ValueError
        Always.
    """
    sys.tracebacklimit = 0
    raise ValueError(message)


def leave(code: int) -> None:
    """End this process with an exit code of one's own.

    Parameters
    ----------
    code
        0 means that all went well; others up to 255 mean what the program says they mean.
    """
    sys.exit(code)


def run_all(processes: "Sequence[BaseProcess]", wait_s: float = 30.0) -> list[int | None]:
    """Start all processes, then join all.

    Parameters
    ----------
    processes
        Made, and not yet started.
    wait_s
        After this many seconds those that still run are killed; so they are when the notebook's stop button is pressed.

    Returns
    -------
    list of int
        The exit codes, in the order of the processes.
    """
    started: list[BaseProcess] = []
    try:
        for process in processes:
            process.start()
            started.append(process)
        deadline = time.monotonic() + wait_s
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
    finally:
        for process in started:
            if process.is_alive():
                process.kill()
                process.join(_END_S)
    return [process.exitcode for process in processes]


def received(queue: "SimpleQueue[Any]") -> list[Any]:
    """Take out what lies in a queue, without waiting for more.

    Parameters
    ----------
    queue
        A queue whose senders have ended: then everything that they sent lies in it.

    Returns
    -------
    list
        The values in the order of their arrival, which no order of starting decides.
    """
    values = []
    while not queue.empty():
        values.append(queue.get())
    return values


def run_script(text: str, timeout_s: float = 60.0, *, saved: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run a Python program in a process of its own, and watch it.

    Parameters
    ----------
    text
        The program.
    timeout_s
        After this many seconds it is ended, with every process that it started.
    saved
        Write the program into a file first, in a folder that is removed afterwards. False: hand it over as if typed
        at a prompt. Its functions then stand in no file, as those of a notebook cell do, and nobody can import them.

    Returns
    -------
    subprocess.CompletedProcess
        ``returncode``, and as text ``stdout`` and ``stderr``.

    Raises
    ------
    subprocess.TimeoutExpired
        It had to be ended.
    """
    from parlab.temporary import private_folder

    if not saved:
        return _watch(["-c", text], timeout_s)
    with private_folder() as folder:
        script = folder / "script.py"
        script.write_text(text, encoding="utf-8")
        return _watch([str(script)], timeout_s)


def _watch(arguments: list[str], timeout_s: float) -> "subprocess.CompletedProcess[str]":
    from parlab import groups, segments

    line = [sys.executable, "-P", "-m", "parlab.workloads.guarding", *arguments]
    process = subprocess.Popen(
        line,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",  # a program may print any bytes
        **groups.own_group(),
    )
    held, process.stdin = process.stdin, None  # open as long as we live; communicate() would close it at once
    try:
        printed, errors = process.communicate(timeout=timeout_s)
    except BaseException:  # too late, or the notebook's stop button
        groups.end(process)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_END_S)
        segments.sweep_all()
        raise
    finally:
        if held is not None:
            held.close()
    return subprocess.CompletedProcess(line, process.returncode, printed, errors)
