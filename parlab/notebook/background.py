"""Runs a sweep in a thread, so that the kernel stays free. One at a time, and it leaves nothing behind.

Two sweeps at once would each measure the other, so the second is refused, whoever asks for it.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from parlab.errors import InputError, ParlabError, ResultFileError, TrialError
from parlab.machine import Machine
from parlab.measure import payload
from parlab.measure.request import Request, make_job
from parlab.measure.session import STOP_S, Session
from parlab.notebook.ending import end_at_exit
from parlab.notebook.stop_button import StopButton
from parlab.notebook.wording import told_in_python
from parlab.results import Results, read
from parlab.temporary import private_folder

State = Literal["running", "cancelling", "finished", "cancelled", "failed"]
News = Literal["begun", "step", "round", "state"]

_JOIN_S = 3 * STOP_S  # it is asked, then killed after STOP_S, and the killing takes its time
_turn = threading.Lock()
_running: list["Measurement"] = []  # none, or one


class Measurement:
    """A sweep that runs in a thread, from its start to its end.

    Parameters
    ----------
    request
        What to measure. Without an output the results are kept in memory alone.
    machine
        Where.
    tell
        Is called when something has happened: it has begun, a step has, a round is complete, or the state has changed.
        The first comes from the thread that asked, most others from the measurement's own.

    Raises
    ------
    InputError, BackendUnavailableError
        Something given cannot be used, or another measurement runs; nothing was started.

    Attributes
    ----------
    state
        ``"finished"``, ``"cancelled"`` and ``"failed"`` are said when nothing of it runs any more.
    event
        The last one about what runs; see ``Session.events``. None before the first.
    rounds_done
        How many rounds are complete.
    error
        Why it failed.
    """

    def __init__(self, request: Request, machine: Machine, tell: Callable[["Measurement", News], None]) -> None:
        self.request = request
        self.state: State = "running"
        self.event: dict[str, Any] | None = None
        self.rounds_done = 0
        self.error: ParlabError | None = None
        self.began = time.monotonic()
        self._tell = tell
        self._kept: Results | None = None
        self._asked = False
        self._changing = threading.Lock()
        # Not the thread's own join: before Python 3.13 one that an interrupt ends takes a living thread for ended.
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run_to_the_end, name="parlab-panel", daemon=True)
        self._stop_button = StopButton(self.cancel)
        _take_turn(self)
        try:
            self._start(machine)
        except BaseException:
            if self._thread.is_alive():  # interrupted at the last moment
                self.end()
            else:
                self.state = "failed"
                _running.remove(self)
            raise

    def _start(self, machine: Machine) -> None:
        with ExitStack() as ours:
            folder = ours.enter_context(private_folder()) if self.request.output is None else Path()
            self._path = self.request.output or folder / "results.jsonl"
            job = make_job(replace(self.request, output=self._path), machine)
            ours.callback(payload.remove, job.payload)
            self._session = ours.enter_context(Session(job))
            self._killer = threading.Timer(STOP_S, self._session.kill)  # for a supervisor that does not stop
            self._killer.daemon = True
            end_at_exit(self)
            self._say("begun")
            self._held = ours.pop_all()
        try:
            self._thread.start()
        except BaseException:  # no thread can be started any more
            self._held.close()
            raise
        self._stop_button.listen()

    @property
    def runs(self) -> bool:
        """Whether anything of it runs."""
        return self.state in ("running", "cancelling")

    def results(self) -> Results | None:
        """Return what has been measured so far; None before the first trial can be written down."""
        if self._kept is not None:
            return self._kept
        try:
            found = read(self._path)
        except ResultFileError:
            return self._kept  # there is none yet, or it has ended in this moment
        # It is neither cut off nor damaged, as a file without an end would be: it is being written.
        return replace(found, ended="running", findings=())

    def cancel(self) -> None:
        """Ask it to end, and return at once. What is finished is kept."""
        with self._changing:
            if self.state != "running":
                return
            self._asked = True
            self.state = "cancelling"
        self._session.ask_to_stop()
        self._killer.start()
        self._say("state")

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing of it runs, and tell whether that is so. A thread does not wait for itself."""
        if self._thread is not threading.current_thread():
            self._over.wait(timeout_s)
        return self._over.is_set()

    def end(self) -> None:
        """Cancel it, and wait until nothing of it runs."""
        self.cancel()
        self.join(_JOIN_S)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the program, after ``end``: there is nothing more to do."""

    def _run_to_the_end(self) -> None:
        try:
            self._run()
        finally:
            self._over.set()

    def _run(self) -> None:
        reason = None
        try:  # whatever happens, others have their turn afterwards
            with self._held:
                try:
                    for event in self._session.events():
                        self._take(event)
                    reason = self._session.reason
                finally:
                    self._session.stop()
                    self._keep()
        except ParlabError as problem:
            self.error = told_in_python(problem)
        except Exception as problem:  # a line that was cut off by the killing, most of all
            self.error = TrialError(f"The sweep has ended unexpectedly: {type(problem).__name__}: {problem}")
        self._killer.cancel()
        self._stop_button.leave()
        _running.remove(self)
        stopped = reason == "stopped" or (self._asked and self.error is not None)
        with self._changing:
            self.state = "cancelled" if stopped else "failed" if self.error else "finished"
        self._say("state")

    def _say(self, news: News) -> None:
        with suppress(Exception):  # a chart that cannot be drawn, a page that is gone: the sweep goes on
            self._tell(self, news)

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "running":
            self.event = event
            self._say("step")
        elif event["event"] == "trial":
            trial = event["trial"]
            if trial["role"] == "serial" and trial["position"] > 0 and trial["outcome"] == "ok":
                self.rounds_done += 1  # the closing bracket is the last trial of a round
                self._say("round")

    def _keep(self) -> None:
        """Read the file for the last time, before it goes with its folder."""
        try:
            self._kept = read(self._path)
        except ResultFileError as problem:
            if self.rounds_done and self.error is None:
                self.error = problem


def refuse_while_one_runs() -> None:
    """Refuse to measure while a panel does.

    Raises
    ------
    InputError
        A panel of this kernel measures; two at once would spoil both.
    """
    if other := running():
        raise InputError(_busy(other))


def running() -> Measurement | None:
    """Return the measurement that runs in this process."""
    return next(iter(list(_running)), None)


def _take_turn(mine: Measurement) -> None:
    with _turn:
        refuse_while_one_runs()
        _running.append(mine)


def _busy(other: Measurement) -> str:
    name = other.request.subject if isinstance(other.request.subject, str) else "a function of yours"
    return (
        f"A panel is measuring {name} right now, and two measurements at once would spoil each other. "
        "Wait until it is done, or cancel it."
    )
