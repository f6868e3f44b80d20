"""What a pool and an executor make of the same accidents, tried in a process of its own.

``side_by_side`` starts that process, ``python -m parlab.workloads.aftermath FOLDER METHOD CASE…`` is it. It ends itself
with everything that it has started, for a pool that waits for an answer can neither be closed nor joined.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from parlab.errors import TrialError, unknown_choice
from parlab.workloads.accidents import CASES, CULPRIT

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.context import BaseContext
    from multiprocessing.pool import AsyncResult

TASKS = 6
NO_ANSWER = "no answer"
METHODS = ("forkserver", "spawn")  # fork would copy the locks of threads that other pools have started
_MOST_S, _GRACE_S, _GRACE_TIMES = 60.0, 1.0, 1.5  # grace: so long nothing new came; the last: in times of the answers
_LOOK_S = 0.02
_SELF = "parlab.workloads.aftermath"
_END_S = 0.5
_DEADLINE_S = 2 * _MOST_S


class Outcome(NamedTuple):
    """What one fault does to ``multiprocessing.Pool`` and to ``ProcessPoolExecutor``."""

    fault: str
    pool: str  # the type of what its ticket for the bad task raised, or NO_ANSWER
    pool_kept: int  # how many of the five other results came
    executor: str
    executor_kept: int


def side_by_side(method: str, cases: Sequence[str] = tuple(CASES)) -> list[Outcome]:
    """Give six tasks, of which number 3 goes wrong, to a pool and to an executor: for each fault anew.

    All of it happens in a process of its own, which ends with everything that it has started, whoever still waits.

    Parameters
    ----------
    method
        The start method: ``"forkserver"`` or ``"spawn"``.
    cases
        Keys of ``CASES``.

    Returns
    -------
    list of Outcome
        One for each case. A ticket has no answer when it is not ready, though nothing has come from anybody for a
        while: at least a second, and half as long again as the executors took for all of theirs.

    Raises
    ------
    InputError
        There is no such start method, or no such case.
    subprocess.TimeoutExpired
        Even the process that tries it had to be ended.
    TrialError
        It has failed itself.
    """
    from parlab import groups, segments, temporary  # here, for workers import this module too

    if method not in METHODS:
        raise unknown_choice("start method to compare under", method, METHODS)
    for case in cases:
        if case not in CASES:
            raise unknown_choice("fault", case, CASES)
    folder = temporary.new_folder()
    try:
        process = groups.start(_SELF, arguments=[str(folder), method, *cases])
        held, process.stdin = process.stdin, None  # open as long as we live; communicate() would close it at once
        try:
            answer, errors = process.communicate(timeout=_DEADLINE_S)
        finally:
            groups.end(process)  # what is left of it: also when the notebook's stop button is pressed
            for pipe in (held, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
    finally:
        temporary.remove_folder(folder)  # it leaves without a goodbye, which would have removed its sockets
        segments.sweep_all()
    if process.returncode != 0:
        told = (answer + errors).decode(errors="replace").strip()
        raise TrialError(f"The comparison itself has failed. Try again.\n{told}".strip())
    return [Outcome(*row) for row in json.loads(answer)]


class _Trial:
    """One fault, in a pool and an executor of its own."""

    def __init__(self, case: str, context: "BaseContext") -> None:
        from concurrent.futures import ProcessPoolExecutor

        self.case = case
        task, initializer = CASES[case]
        self._pool = context.Pool(2, initializer)
        self.calls: list[AsyncResult[Any]] = [self._pool.apply_async(task, (number,)) for number in range(TASKS)]
        executor = ProcessPoolExecutor(2, context, initializer)
        self.futures = [_submitted(executor, task, number) for number in range(TASKS)]

    def end_pool(self) -> None:
        """End the pool's workers; a pool that waits for an answer may never be done with it."""
        self._pool.terminate()

    def outcome(self) -> Outcome:
        """Say what has come of it by now."""
        calls, futures = map(_said_by_call, self.calls), map(_said_by_future, self.futures)
        return Outcome(self.case, *_counted(list(calls)), *_counted(list(futures)))


def _submitted(executor: "Executor", task: Callable[[int], Any], number: int) -> "Future[Any]":
    from concurrent.futures import BrokenExecutor, Future

    try:
        return executor.submit(task, number)
    except BrokenExecutor as problem:  # its initializer has failed already
        broken: Future[Any] = Future()
        broken.set_exception(problem)
        return broken


def _said_by_call(call: "AsyncResult[Any]") -> str:
    if not call.ready():
        return NO_ANSWER
    try:
        call.get(0)
    except BaseException as error:  # a task's SystemExit, too, is an answer
        return type(error).__name__
    return ""


def _said_by_future(future: "Future[Any]") -> str:
    if not future.done():
        return NO_ANSWER
    error = future.exception(0)
    return type(error).__name__ if error is not None else ""


def _counted(said: list[str]) -> tuple[str, int]:
    """Return what the culprit's ticket says, and how many of the others' hold a result."""
    return said[CULPRIT] or "a result", sum(not text for place, text in enumerate(said) if place != CULPRIT)


def _await(trials: "Sequence[_Trial]") -> None:
    """Wait for all futures, and then until no ticket of a pool has become ready for a while."""
    from concurrent.futures import wait

    began_s = time.monotonic()
    wait([future for trial in trials for future in trial.futures], _MOST_S)
    now_s = last_s = time.monotonic()
    grace_s = max(_GRACE_S, _GRACE_TIMES * (now_s - began_s))
    ready = 0
    while now_s - last_s < grace_s:
        time.sleep(_LOOK_S)
        now_s = time.monotonic()
        found = sum(call.ready() for trial in trials for call in trial.calls)
        if found != ready:
            ready, last_s = found, now_s


def _end_pools(trials: "Sequence[_Trial]") -> None:
    """Let no pool start a new worker for one that is killed."""
    import threading

    enders = [threading.Thread(target=trial.end_pool, daemon=True) for trial in trials]
    for ender in enders:
        ender.start()
    until_s = time.monotonic() + _END_S
    for ender in enders:
        ender.join(max(0.0, until_s - time.monotonic()))


def _end_with_notebook() -> None:
    from parlab import groups

    while os.read(sys.stdin.fileno(), 1):  # not sys.stdin itself, whose lock a thread would hold until the end
        pass
    groups.end_all(1)


def _take_output() -> int:
    """Return where the answer goes, and let nobody else hold or fill it: workers print, and may outlive us."""
    answer = os.dup(sys.stdout.fileno())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return answer


def main(folder: str, method: str, *cases: str) -> None:
    """Try the cases, write what came of them as JSON, and end with everything that was started."""
    import multiprocessing
    import threading
    import traceback

    from parlab import groups, segments

    segments.own_semaphores()
    segments.keep_sockets_in(folder)
    answer, code = _take_output(), 0
    threading.Thread(target=_end_with_notebook, daemon=True).start()
    try:
        context = multiprocessing.get_context(method)
        trials = [_Trial(case, context) for case in cases]
        _await(trials)
        text = json.dumps([trial.outcome() for trial in trials])
        _end_pools(trials)
    except Exception:  # the notebook shows it
        text, code = traceback.format_exc(), 1
    with suppress(OSError):  # nobody is there to read it
        os.write(answer, text.encode())
    groups.end_others()
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
