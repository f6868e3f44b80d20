"""Runs one trial process from the supervisor's side: gives it its order, waits with a deadline, ends its group."""

import signal
import subprocess
from typing import TYPE_CHECKING, Any

from parlab import groups
from parlab.codec import decode, encode, loads
from parlab.errors import TrialError, rebuild
from parlab.measure.child import Child
from parlab.measure.job import Measured, Order

if TYPE_CHECKING:
    import queue

ENTRY = "parlab.measure.trial_entry"

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


class TrialLostError(TrialError):
    """The trial, or a worker of it, was killed or crashed."""


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
    child = Child(ENTRY, inbox, {name: str(order.sweep.blas_threads) for name in _BLAS_VARIABLES})
    try:
        child.send(encode(order))
        line = child.await_line(deadline_s)
        groups.settle(child.process)
    except BaseException:
        groups.end(child.process)
        raise
    finally:
        child.release()
    return _understand(line, child, order)


def _understand(line: bytes, child: Child, order: Order) -> Measured:
    if not line.endswith(b"\n"):
        what = f"The trial of {order.configuration.label} {farewell(child.process)} before it had a result."
        raise TrialLostError(f"{what}{shown(child)}")
    message = loads(line)
    if message["event"] == "measured":
        return decode(Measured, message)
    if message["event"] == "lost":
        raise TrialLostError(f"{order.configuration.label}: {message['text']}{shown(child)}")
    raise rebuild(message["error"], message["text"])


def farewell(process: "subprocess.Popen[bytes]") -> str:
    """Say how a process ended."""
    code = process.returncode
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = " (out of memory? try fewer workers)" if name == "SIGKILL" else ""
        return f"was ended by {name}{hint}"
    return f"ended with exit code {code}"


def shown(child: Child) -> str:
    """Show what a process printed, on lines of its own; nothing when that was nothing."""
    text = child.printed.text()
    return f"\n\nWhat it printed:\n{text}" if text else ""
