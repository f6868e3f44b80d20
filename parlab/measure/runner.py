"""Runs one trial process from the supervisor's side: gives it its order, waits with a deadline, ends its group."""

import queue
import signal
import subprocess
import threading
import time
from typing import IO, Any

from parlab.codec import decode, dumps, encode, loads
from parlab.errors import TrialError, rebuild
from parlab.measure import groups
from parlab.measure.job import Measured, Order

ENTRY = "parlab.measure.trial_entry"
STOP = "stop"  # put into the inbox when the face wants the end, or is gone

# Every BLAS reads its thread count once, when it is loaded: so the limit is set before the process starts, for the
# serial loop and for every worker alike. threadpoolctl could only change libraries that are loaded already.
_BLAS_VARIABLES = (
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class StoppedError(Exception):
    """The face asked for the end, or is gone."""


class TrialLostError(TrialError):
    """The trial, or a worker of it, was killed or crashed."""


class TrialTimeoutError(TrialError):
    """The trial was past its deadline and has been ended."""


def run_trial(order: Order, deadline_s: float, inbox: "queue.SimpleQueue[Any]") -> Measured:
    """Start a trial process, wait for its result, and leave nothing of it alive.

    Parameters
    ----------
    order
        What to run.
    deadline_s
        After this many seconds it is ended.
    inbox
        Where ``STOP`` may arrive at any time; the trial's lines come the same way.

    Raises
    ------
    StoppedError
        ``STOP`` arrived.
    TrialTimeoutError, TrialLostError
        It was past its deadline; it ended without a result.
    ParlabError
        What the trial itself reported, such as a task's exception.
    """
    threads = {name: str(order.sweep.blas_threads) for name in _BLAS_VARIABLES}
    process = groups.start(ENTRY, threads)
    printed = groups.Printed()
    assert process.stdin and process.stdout and process.stderr  # noqa: S101  # all three were asked for
    readers = [
        threading.Thread(target=_read_lines, args=(process.stdout, process.pid, inbox), daemon=True),
        threading.Thread(target=printed.drain, args=(process.stderr,), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        _send(process, order)
        line = _await_line(process, deadline_s, inbox)
        groups.settle(process)
    except BaseException:
        groups.end(process)
        raise
    finally:
        for reader in readers:
            reader.join(groups.SETTLE_S)
        for pipe in (process.stdin, process.stdout, process.stderr):
            _close(pipe)
    return _understand(line, process, order, printed)


def _send(process: "subprocess.Popen[bytes]", order: Order) -> None:
    assert process.stdin  # noqa: S101  # it was asked for
    try:
        process.stdin.write(dumps(encode(order)).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        return  # it died at once; the missing line tells, with what it printed


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was left to write has no reader


def _read_lines(pipe: IO[bytes], process: int, inbox: "queue.SimpleQueue[Any]") -> None:
    inbox.put((process, pipe.readline()))


def _await_line(process: "subprocess.Popen[bytes]", deadline_s: float, inbox: "queue.SimpleQueue[Any]") -> bytes:
    deadline = time.monotonic() + deadline_s
    while True:
        try:
            received = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            message = f"The trial did not end within its deadline of {deadline_s:.0f} s and was ended."
            advice = "Give a longer --deadline, or look for a task that waits for ever."
            raise TrialTimeoutError(f"{message} {advice}") from None
        if received == STOP:
            inbox.put(STOP)  # it stays true
            raise StoppedError
        sender, line = received
        if sender == process.pid:  # else: a late word of an earlier trial
            found: bytes = line
            return found


def _understand(line: bytes, process: "subprocess.Popen[bytes]", order: Order, printed: groups.Printed) -> Measured:
    if not line.endswith(b"\n"):
        raise TrialLostError(f"The trial of {order.configuration.label} {_farewell(process)}.{_shown(printed)}")
    message = loads(line)
    if message["event"] == "measured":
        return decode(Measured, message)
    if message["event"] == "lost":
        raise TrialLostError(f"{order.configuration.label}: {message['text']}{_shown(printed)}")
    raise rebuild(message["error"], message["text"])


def _farewell(process: "subprocess.Popen[bytes]") -> str:
    code = process.returncode
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = " (out of memory? try fewer workers)" if name == "SIGKILL" else ""
        return f"was ended by {name}{hint} before it had a result"
    return f"ended with exit code {code} before it had a result"


def _shown(printed: groups.Printed) -> str:
    text = printed.text()
    return f"\n\nWhat it printed:\n{text}" if text else ""
