"""``parlab.pool``: worker processes for everyday work, that never hang and lose nothing.

Around Python's own ``ProcessPoolExecutor``. A task that fails is one failed task; one that ends its worker is found out
and named, and the others are done; an interrupt or a deadline ends all workers before it is said to be over; what tasks
print is shown in their order. It never falls back to threads, and starts no processes inside a worker.
"""

import operator
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, Self

from parlab import logbook, nesting, units
from parlab.backends.base import on_every_worker
from parlab.backends.delivery import OverdueError
from parlab.backends.processes import ProcessesBackend
from parlab.backends.worker import remove_with_parent
from parlab.backends.workforce import Workforce
from parlab.errors import DeadlineError, InputError, InterruptedTasksError
from parlab.machine import detect
from parlab.messages import Message
from parlab.notebook.calls import Calls
from parlab.notebook.ending import end_at_exit
from parlab.notebook.initializer import Initializer
from parlab.notebook.outcome import Outcome, PrintedInOrder
from parlab.parcels import why_not
from parlab.progress import CountBar, count_bar
from parlab.records import Finding
from parlab.temporary import private_folder
from parlab.trace import Envelope, call, cut_messages, pack_call, pack_item
from parlab.workloads.reference import check

_MOST_WORKERS, _MOST_ON_WINDOWS = 1_024, 61  # WaitForMultipleObjects takes 63 handles, and a pool needs two
_MOST_NAMED = 8
_MAX_TASKS = (
    "max_tasks_per_child is not offered: ProcessPoolExecutor can hang with it (CPython issue 115634). Give "
    "memory_limit_bytes instead: workers that grow past it are replaced between two tasks."
)


def pool(
    workers: int | None = None,
    *,
    start_method: str | None = None,
    initializer: Callable[..., object] | None = None,
    initargs: tuple[Any, ...] = (),
    memory_limit_bytes: int | None = None,
    max_tasks_per_child: int | None = None,
) -> "Pool":
    """Make a pool of worker processes, to be used in a ``with`` block.

    Parameters
    ----------
    workers
        How many; None for as many as there are usable cores (``parlab doctor`` says how many and why).
    start_method
        ``"forkserver"``, ``"spawn"`` or ``"fork"``; None for forkserver on Linux and spawn elsewhere.
    initializer, initargs
        Called once in each worker before its first task, with these arguments.
    memory_limit_bytes
        Resident memory that one worker may hold; when one holds more, all are replaced between two tasks. None for
        this machine's memory divided by the workers.
    max_tasks_per_child
        Always refused, with the reason.

    Returns
    -------
    Pool
        Nothing is started before its block is entered. Inside a worker it runs everything serially.

    Raises
    ------
    InputError
        Something given cannot be used.

    Examples
    --------
    >>> import parlab, math
    >>> with parlab.pool(2) as workers:
    ...     workers.map(math.sqrt, [1, 4, 9])
    [1.0, 2.0, 3.0]
    """
    if max_tasks_per_child is not None:
        raise InputError(_MAX_TASKS)
    machine = detect()
    most = _MOST_ON_WINDOWS if sys.platform == "win32" else _MOST_WORKERS
    count = _whole(min(machine.cores_usable, most) if workers is None else workers)
    if count is None or not 1 <= count <= most:
        raise InputError(f"A pool cannot have {workers!r} workers. Give a whole number from 1 to {most}, or None.")
    if start_method is not None and start_method not in machine.start_methods:
        allowed = ", ".join(machine.start_methods)
        raise InputError(f"start_method cannot be {start_method!r} on this system. Allowed: {allowed}, or None.")
    if not isinstance(initargs, tuple):
        raise InputError(f"initargs must be a tuple of arguments, such as (3,), not {type(initargs).__name__}.")
    if initializer is not None:
        check(initializer, "The initializer")
    share = (machine.memory_limit_bytes or machine.memory_bytes) // count
    return Pool(
        ProcessesBackend(start_method),
        count,
        Initializer(initializer, initargs) if initializer else None,
        memory_limit_bytes if memory_limit_bytes is not None else share,
    )


class Pool:
    """Worker processes in a ``with`` block; see ``parlab.pool``.

    Attributes
    ----------
    workers
        How many processes work at once; 1 inside a worker.
    start_method
        How they are started.
    """

    def __init__(
        self, backend: ProcessesBackend, workers: int, start: Initializer | None, memory_limit_bytes: int
    ) -> None:
        self.workers, self.start_method = workers, backend.start_method
        self._start = start
        self._maker = os.getpid()
        self._folder = ""
        self._force = Workforce(backend, workers, prepare=self._prepare, memory_limit_bytes=memory_limit_bytes)
        self._stack: ExitStack | None = None
        self._findings: list[Finding] = []
        self._serial = self._nested = False
        self._lock = threading.Lock()
        self._calls = Calls(self._force)

    def __enter__(self) -> Self:
        """Start the workers, and wait until each of them has answered."""
        if self._stack is not None:
            raise InputError("This pool is open already. Make another one with parlab.pool() for a second block.")
        with ExitStack() as stack:
            if nesting.inside_worker():
                self._go_serial(stack)
            else:
                self._warn_of_fork()
                self._folder = str(stack.enter_context(private_folder()))
                self._force.logbook = self._folder
                end_at_exit(self)
                stack.enter_context(self._force)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let the workers end and wait for them; when the block raised, end them whatever they do."""
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.__exit__(kind, error, traceback)

    def map(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        chunksize: int = 1,
        return_exceptions: bool = False,
        deadline_s: float | None = None,
        progress: bool | None = None,
    ) -> list[Any]:
        """Call a function with every item, in the workers.

        Parameters
        ----------
        function
            Must be importable: a cell's function is refused, with the ways out.
        items
            Any iterable; it is consumed once, before anything starts.
        chunksize
            How many tasks travel together. More is cheaper for tiny tasks.
        return_exceptions
            Put exceptions in the places of failed tasks, and do all others. False raises the first one and ends the
            tasks that still run.
        deadline_s
            After so many seconds the workers are ended.
        progress
            Show a bar; None shows one in notebooks and terminals, when it takes longer than a second.

        Returns
        -------
        list
            The results in the order of the items.

        Raises
        ------
        FunctionError, InputError
            The function or an item cannot travel; nothing was started. The text gives the path to the culprit.
        LostTaskError
            A task ended its worker; the text names it and how.
        RemoteTaskError
            A task raised something that cannot travel. Other exceptions of tasks are raised as they are, with a note
            that names the task.
        DeadlineError, InterruptedTasksError, WorkersLostError
            It was too late; the user stopped it; workers were lost again and again.
        """
        self._must_be_open()
        _check_numbers(chunksize, deadline_s)
        if not isinstance(items, Iterable) or isinstance(items, (str, bytes)):
            raise InputError(f"items must be an iterable of items, such as range(100), not {type(items).__name__}.")
        check(function)
        listed = list(items)
        outcome = Outcome(listed, return_exceptions=return_exceptions)
        if self._serial:
            self._map_serially(function, outcome)
        else:
            # One map at a time: two would note their tasks under the same numbers.
            with self._lock, count_bar(len(listed), wanted=progress) as bar:
                self._map(self._envelope(function), outcome, chunksize, deadline_s, bar)
        if outcome.to_raise is not None:
            raise outcome.to_raise  # from here, so that a learner's traceback shows the cell, and little of parlab
        return outcome.values

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have one call done.

        Parameters
        ----------
        function, *args, **kwargs
            What to call.

        Returns
        -------
        Future
            Ends with the result, or with what the call raised. When a worker is lost, all calls under way end with a
            ``WorkersLostError`` that names those that had been begun; the pool itself goes on with new workers.

        Raises
        ------
        FunctionError, InputError
            The function or an argument cannot travel.
        """
        self._must_be_open()
        check(function)
        item = pack_call(function, args, kwargs)
        envelope = self._envelope(call)
        if self._serial:
            with nesting.serially():
                return self._calls.here(envelope, item)
        return self._calls.send(envelope, item)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed: workers replaced, tasks that ran again, nesting, fork beside threads."""
        found = list(self._findings)
        if self._nested:
            message = "parlab.pool was used inside a worker, where it runs everything serially."
            advice = "Share out the work in one place: workers of workers only wait for each other's cores."
            found.append(Finding("nested-parallelism", message, advice, {}, "info"))
        if self._force.replaced:
            limit = self._force.memory_limit_bytes or 0
            times = "once" if self._force.replaced == 1 else f"{self._force.replaced} times"
            message = f"Workers were replaced {times}: one held more than {limit / 2**20:.0f} MiB."
            advice = "Look for what the tasks keep: caches, global lists, open files."
            found.append(Finding("workers-replaced", message, advice, {"times": self._force.replaced}))
        if self._force.rerun:
            tasks = sorted(self._force.rerun)
            message = f"Workers were lost; {units.count(len(tasks), 'task')} ran again on new workers."
            advice = "Look for what kills processes: most often memory. Try fewer workers."
            found.append(Finding("tasks-ran-again", message, advice, {"tasks": tasks}))
        return tuple(found)

    def end(self) -> None:
        """End the workers at once, whatever they do; the next call starts new ones."""
        self._force.discard()

    def _map(
        self, envelope: Envelope, outcome: Outcome, chunksize: int, deadline_s: float | None, bar: CountBar
    ) -> None:
        packed = [pack_item(item, index) for index, item in enumerate(outcome.items)]
        until_s = None if deadline_s is None else time.monotonic() + deadline_s
        self._calls.renew()
        shown = PrintedInOrder(bar.write)
        try:
            with self._ended_with_all_workers(outcome, deadline_s):
                for message, delivery in self._force.deliver(
                    envelope, cut_messages(packed, chunksize), _as_it_is, until_s
                ):
                    for task, text in outcome.take(message, delivery):
                        bar.advance()
                        shown.add(task, text)
                    if outcome.to_raise is not None:
                        self.end()
                        return
        finally:
            shown.finish()
            self._nested |= outcome.nested

    def _map_serially(self, function: Callable[[Any], Any], outcome: Outcome) -> None:
        with nesting.serially():
            for index, item in enumerate(outcome.items):
                try:
                    outcome.values[index] = function(item)
                except (Exception, SystemExit) as error:
                    if not outcome.return_exceptions:
                        raise
                    outcome.values[index] = error

    @contextmanager
    def _ended_with_all_workers(self, outcome: Outcome, deadline_s: float | None) -> Iterator[None]:
        """When the block raises, nothing of it runs on; then say why in one message."""
        try:
            yield
        except OverdueError:
            running = self._running()
            self.end()
            done = f"{outcome.done} of {len(outcome.items)} tasks were done within {deadline_s:g} s"
            advice = "Give a longer deadline_s, or look why they take so long."
            raise DeadlineError(f"{done}; the workers were ended. {running[0]}{advice}{running[1]}") from None
        except KeyboardInterrupt:
            self.end()
            text = f"Stopped: {outcome.done} of {len(outcome.items)} tasks were done, and the workers are gone."
            raise InterruptedTasksError(text) from None
        except BaseException:
            self.end()
            raise

    def _running(self) -> tuple[str, str]:
        """Name the tasks that are running, and show what they have printed."""
        begun = sorted((one.task, one.printed) for one in logbook.read(self._folder) if one.task is not None)
        if not begun:
            return "", ""
        noun = "task" if len(begun) == 1 else "tasks"
        names = ", ".join(str(task) for task, _ in begun[:_MOST_NAMED])
        told = [f"\n\nWhat task {task} printed:\n{text.rstrip()}" for task, text in begun[:_MOST_NAMED] if text]
        return f"Still running: {noun} {names}. ", "".join(told)

    def _prepare(self, executor: Executor, workers: int) -> None:
        on_every_worker(executor, workers, remove_with_parent, self._folder)
        if self._start is not None:
            self._start.run(executor, workers)

    def _envelope(self, function: Callable[..., Any]) -> Envelope:
        try:
            return Envelope(function, shares_process=False, carrier="pickle", logbook=self._folder or None)
        except Exception as problem:  # what a partial or an object holds refuses in its own way
            text = f"{why_not(function, 'the function', problem)}. Send what it is made from instead."
            raise InputError(text) from problem

    def _must_be_open(self) -> None:
        if self._stack is None:
            message = "This pool is not open. Use it in a block: with parlab.pool(4) as workers: workers.map(…)."
            raise InputError(message)
        if self._maker != os.getpid():  # its threads did not come along, so nobody would ever send anything
            message = "This pool belongs to the process that made it, and this is a copy in a process forked from it."
            raise InputError(f"{message} Make one here: with parlab.pool(4) as workers. In a worker it runs serially.")

    def _go_serial(self, stack: ExitStack) -> None:
        self._serial, self.workers = True, 1
        stack.callback(setattr, self, "_serial", False)
        self._nested = True
        if self._start is not None:
            self._start.here()

    def _warn_of_fork(self) -> None:
        others = threading.active_count() - 1
        if self.start_method != "fork" or not others:
            return
        running = f"{units.count(others, 'other thread')} {'runs' if others == 1 else 'run'}"
        message = f"fork copies this process while {running}; a lock that one holds stays locked."
        advice = 'Use start_method="forkserver" or "spawn".'
        self._findings.append(Finding("fork-with-threads", message, advice, {"threads": others}))
        warnings.warn(f"{message} {advice}", RuntimeWarning, stacklevel=3)


def _whole(number: Any) -> int | None:
    """Return a whole number, numpy's included; None for anything else."""
    if isinstance(number, bool):
        return None
    try:
        return operator.index(number)
    except TypeError:
        return None


def _check_numbers(chunksize: Any, deadline_s: Any) -> None:
    if (_whole(chunksize) or 0) < 1:
        raise InputError(f"chunksize cannot be {chunksize!r}: give a whole number from 1 up.")
    if deadline_s is not None and not (isinstance(deadline_s, (int, float)) and deadline_s > 0):
        raise InputError(f"deadline_s cannot be {deadline_s!r}: give seconds above 0, or None.")


def _as_it_is(message: Message) -> Message:
    return message
