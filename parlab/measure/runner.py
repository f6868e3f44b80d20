"""Runs one trial process from the supervisor's side: gives it its order, waits with a deadline, ends its group."""

import subprocess
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parlab import backends, groups, logbook, segments
from parlab.codec import decode, encode, loads
from parlab.errors import InputError, LostTaskError, TrialError, rebuild
from parlab.measure.child import Child, TrialTimeoutError
from parlab.measure.footprint import Footprint
from parlab.measure.job import Measured, Order, system_s
from parlab.temporary import private_folder, remove_files
from parlab.units import count

if TYPE_CHECKING:
    import queue

ENTRY = "parlab.measure.trial_entry"
_MOST_SHOWN = 8
_NONE_BEGUN = (
    " No task is known to have begun: {workers} may still have been starting (fewer start sooner), or large items may "
    "still have been on their way."
)

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


def run_trial(
    order: Order, deadline_s: float, inbox: "queue.SimpleQueue[Any]", footprint: Footprint | None = None
) -> Measured:
    """Start a trial process, wait for its result, and leave nothing of it alive.

    Parameters
    ----------
    order
        What to run.
    deadline_s
        After this many seconds it is ended.
    inbox
        Where ``STOP`` may arrive at any time; the trial's lines come the same way.

    footprint
        Looks at what the trial holds, which takes time from it; None does not look.

    Raises
    ------
    StoppedError
        ``STOP`` arrived.
    TrialTimeoutError, TrialLostError
        It was past its deadline; it ended without a result.
    ParlabError
        What the trial itself reported, such as a task's exception.
    """
    remove_files(order.logbook)
    backend = backends.get(order.configuration.backend) if order.configuration.role == "parallel" else None
    if backend is None or not backend.facts.launched:
        return _run(order, deadline_s, Child(ENTRY, inbox, _limits(order)), footprint)
    with private_folder() as folder, segments.folder_for_others() as shared:
        launch = backend.launch(order.configuration.workers, str(folder), None if shared is None else str(shared))
        order = replace(order, launched_at_s=system_s())
        module, *arguments = [*launch.through, ENTRY]
        child = Child(module, inbox, {**_limits(order), **launch.environment}, arguments, launch.before)
        try:
            return _run(order, deadline_s, child, footprint)
        except TrialLostError as lost:
            if (reason := backend.refusal(child.printed.text())) is not None:
                raise InputError(f"{order.configuration.label}: {reason}") from lost
            raise


def _limits(order: Order) -> dict[str, str]:
    return {name: str(order.sweep.blas_threads) for name in _BLAS_VARIABLES}


def _run(order: Order, deadline_s: float, child: Child, footprint: Footprint | None) -> Measured:
    end, settle = groups.end, groups.settle
    if order.launched_at_s is not None:
        end, settle = groups.end_with_descendants, groups.settle_session
    try:
        child.send(encode(order))
        with footprint.watching(child.process.pid) if footprint else nullcontext():
            line = child.await_line(deadline_s)
        settle(child.process)
    except TrialTimeoutError as late:
        text = f"{late}{begun(order, late=True)}"  # read while it lives: a worker that is gone by itself shows as such
        end(child.process)
        segments.sweep_all()  # it could not remove its folders; the sweep goes on for a while
        raise TrialTimeoutError(text) from None
    except BaseException:
        end(child.process)
        raise
    finally:
        child.release()
    return _understand(line, child, order)


def begun(order: Order, *, late: bool = False) -> str:
    """Say which tasks had been begun and had not ended; of a trial that is late, also whose worker is gone."""
    pages = [] if order.logbook is None else logbook.read(order.logbook)
    entries = [one for one in pages if one.task is not None]
    if not entries:
        starting = late and not pages and order.configuration.role == "parallel"
        return _NONE_BEGUN.format(workers=count(order.configuration.workers, "worker")) if starting else ""
    gone = [one for one in entries if late and not groups.is_alive(one.process)]
    shown_tasks = [f"{one.task} (its worker was gone)" if one in gone else str(one.task) for one in entries]
    text = f" Tasks that had been begun: {', '.join(shown_tasks[:_MOST_SHOWN])}."
    if gone and order.configuration.backend.startswith("pool"):
        text += " multiprocessing.Pool never tells that it lost a worker: use processes, which does."
    printed = "".join(
        f"\n\nWhat task {one.task} printed:\n{one.printed}" for one in entries[:_MOST_SHOWN] if one.printed
    )
    return text + printed


def _understand(line: bytes, child: Child, order: Order) -> Measured:
    if not line.endswith(b"\n"):
        what = f"The trial of {order.configuration.label} {farewell(child.process)} before it had a result."
        raise TrialLostError(f"{what}{begun(order)}{shown(child)}")
    message = loads(line)
    if message["event"] == "measured":
        return decode(Measured, message)
    if message["event"] == "lost":
        named = "" if message["error"] == LostTaskError.__name__ else begun(order)
        raise TrialLostError(f"{order.configuration.label}: {message['text']}{named}{shown(child)}")
    raise rebuild(message["error"], message["text"])


def farewell(process: "subprocess.Popen[bytes]") -> str:
    """Say how a process ended."""
    code = process.returncode
    if code is not None and code < 0:
        name = groups.signal_name(-code)
        hint = " (out of memory? try fewer workers)" if name == "SIGKILL" else ""
        return f"was ended by {name}{hint}"
    return f"ended with exit code {code}"


def shown(child: Child) -> str:
    """Show what a process printed, on lines of its own; nothing when that was nothing."""
    text = child.printed.text()
    return f"\n\nWhat it printed:\n{text}" if text else ""
