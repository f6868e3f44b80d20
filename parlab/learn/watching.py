"""Has a learner's function run in processes that are watched, and judges nothing. Nothing of it runs in the kernel."""

import os
import queue
import sys
from collections.abc import Callable
from typing import Any

from parlab import segments
from parlab.codec import decode, encode, loads
from parlab.errors import InterruptedTasksError, TrialError
from parlab.learn.job import Job
from parlab.learn.records import Check, Run
from parlab.learn.runner import source_of
from parlab.machine import detect
from parlab.measure.child import Child, TrialTimeoutError
from parlab.workloads.reference import refer

_MARGIN_S = 30.0  # for the guard to start, to collect the stacks and to end everything
_STOP_S = 15.0
_STALLED = "even the process that watches came too late"
_WANTED = ("forkserver", "spawn")


def methods() -> tuple[str, ...]:
    """Return the start methods of a check that there are here; Windows has spawn alone."""
    return tuple(method for method in _WANTED if method in detect().start_methods)


def job_of(check: Check, function: Callable[..., Any], deadline_s: float | None = None) -> Job:
    """Return what the guard is to do; ``runs`` says with what, and what is raised."""
    reference = refer(function)
    return Job(
        check=check.name,
        function=reference.name,
        path=tuple(os.path.realpath(entry or ".") for entry in sys.path if isinstance(entry, str)),
        file=source_of(function),
        methods=methods(),
        cores=detect().cores_usable,
        deadline_s=check.deadline_s if deadline_s is None else deadline_s,
    )


def runs(check: Check, function: Callable[..., Any], deadline_s: float | None = None) -> list[Run]:
    """Run a learner's function under every start method of the course.

    Parameters
    ----------
    check
        What it is to be called with.
    function
        The learner's.
    deadline_s
        For each run; None for the check's own.

    Raises
    ------
    FunctionError, InputError
        No other process could import it; nothing was started.
    TrialError
        The guard itself has failed.
    InterruptedTasksError
        The user stopped it; nothing of it is left.
    """
    job = job_of(check, function, deadline_s)
    guard = Child("parlab.learn.guard", queue.SimpleQueue())
    try:
        guard.send(encode(job))
        line = guard.await_line(job.deadline_s + _MARGIN_S)
    except KeyboardInterrupt:
        raise InterruptedTasksError("Stopped: the check came to no end, and all that it had started is gone.") from None
    except TrialTimeoutError:  # the machine is so busy that not even the guard gets along
        return [Run(method, "late", busy=_STALLED) for method in job.methods]
    finally:
        guard.dismiss(_STOP_S)  # it ends what it started
        guard.release()
        segments.sweep_all()  # a run that was ended in the middle could not remove its semaphores
    if not line.endswith(b"\n"):
        raise TrialError(f"The check itself has failed, not your answer. Try again.\n{guard.printed.text()}".strip())
    return [decode(Run, run) for run in loads(line)["runs"]]
