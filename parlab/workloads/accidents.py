"""Tasks that go wrong at number 3, each in its own way, and what a pool and an executor make of each.

The pool and the executor are tried in a process of its own, for some of these tasks leave a pool waiting for ever:
``side_by_side`` starts it, ``python -m parlab.workloads.accidents METHOD`` is it. Standard library only for workers.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from parlab.errors import TrialError, unknown_choice

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.context import BaseContext
    from multiprocessing.pool import AsyncResult

CULPRIT, TASKS = 3, 6
NO_ANSWER = "no answer"
METHODS = ("forkserver", "spawn")  # fork would copy the locks of threads that other pools have started
_NAP_S = 0.1
_MOST_S, _GRACE_S, _GRACE_TIMES = 60.0, 1.5, 1.0  # grace: so long nothing new came; the last: in times of the answers
_LOOK_S = 0.02
_END_S = 0.5
_DEADLINE_S = 2 * _MOST_S


class OddError(Exception):
    """An error that travels, and cannot be put together again: its arguments are not those of its class."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"{number}: {reason}")


class Outcome(NamedTuple):
    """What one fault does to ``multiprocessing.Pool`` and to ``ProcessPoolExecutor``."""

    fault: str
    pool: str  # the type of what its ticket for the bad task raised, or NO_ANSWER
    pool_kept: int  # how many of the five other results came
    executor: str
    executor_kept: int


def nap_and_square(number: int) -> int:
    """Sleep a tenth of a second, then square a number.

    Parameters
    ----------
    number
        What to square.
    """
    time.sleep(_NAP_S)
    return number * number


def raise_at_three(number: int) -> int:
    """Square a number, but raise an error at 3.

    Parameters
    ----------
    number
        What to square.

    Raises
    ------
    ValueError
        For 3.
    """
    if number == CULPRIT:
        raise ValueError("3 is not welcome")
    return nap_and_square(number)


def leave_at_three(number: int) -> int:
    """Square a number, but call ``sys.exit`` at 3.

    Parameters
    ----------
    number
        What to square.
    """
    if number == CULPRIT:
        sys.exit("3 wants to leave")
    return nap_and_square(number)


def end_at_three(number: int) -> int:
    """Square a number, but end the whole process at 3, as the system does when memory runs out.

    Parameters
    ----------
    number
        What to square.
    """
    if number == CULPRIT:
        os._exit(1)  # no exception, no tidying up: the process is gone
    return nap_and_square(number)


def function_at_three(number: int) -> Any:
    """Square a number, but return a function without a name at 3, which cannot be pickled.

    Parameters
    ----------
    number
        What to square.
    """
    return (lambda: number) if number == CULPRIT else nap_and_square(number)


def odd_error_at_three(number: int) -> int:
    """Square a number, but raise an error at 3 that cannot be put together again where it arrives.

    Parameters
    ----------
    number
        What to square.

    Raises
    ------
    OddError
        For 3.
    """
    if number == CULPRIT:
        raise OddError(number, "not welcome")
    return nap_and_square(number)


def fail_to_start() -> None:
    """Fail as an initializer, as one does that finds no file.

    Raises
    ------
    FileNotFoundError
        Always.
    """
    raise FileNotFoundError("prices.csv")


CASES: dict[str, tuple[Callable[[int], Any], Callable[[], None] | None]] = {
    "the task raises an error": (raise_at_three, None),
    "the task calls sys.exit": (leave_at_three, None),
    "the worker dies": (end_at_three, None),
    "the result cannot be pickled": (function_at_three, None),
    "the error cannot be unpickled": (odd_error_at_three, None),
    "the initializer raises an error": (nap_and_square, fail_to_start),
}


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
        while: at least 1.5 seconds, and as long as the executors took for all of theirs.

    Raises
    ------
    InputError
        There is no such start method, or no such case.
    subprocess.TimeoutExpired
        Even the process that tries it had to be ended.
    TrialError
        It has failed itself.
    """
    from parlab import groups  # here, for workers import this module too

    if method not in METHODS:
        raise unknown_choice("start method to compare under", method, METHODS)
    for case in cases:
        if case not in CASES:
            raise unknown_choice("fault", case, CASES)
    process = groups.start(__name__, arguments=[method, *cases])
    held, process.stdin = process.stdin, None  # open as long as we live; communicate() would close it at once
    try:
        answer, errors = process.communicate(timeout=_DEADLINE_S)
    finally:
        groups.end(process)  # what is left of it: also when the notebook's stop button is pressed
        if held is not None:
            held.close()
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
        self._pool.terminate()

    def outcome(self) -> Outcome:
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
    except BaseException as error:  # noqa: BLE001  # a task's SystemExit, too, is an answer
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
    """Let no pool start a new worker for one that is killed. A pool that waits for an answer may never be done."""
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
    groups.end_others()
    os._exit(1)


def _take_output() -> int:
    """Return where the answer goes, and let nobody else hold or fill it: workers print, and may outlive us."""
    answer = os.dup(sys.stdout.fileno())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return answer


def main(method: str, *cases: str) -> None:
    """Try the cases, write what came of them as JSON, and end with everything that was started."""
    import multiprocessing
    import threading
    import traceback

    from parlab import groups

    answer, code = _take_output(), 0
    threading.Thread(target=_end_with_notebook, daemon=True).start()
    try:
        context = multiprocessing.get_context(method)
        trials = [_Trial(case, context) for case in cases]
        _await(trials)
        text = json.dumps([trial.outcome() for trial in trials])
        _end_pools(trials)
    except Exception:  # noqa: BLE001  # the notebook shows it
        text, code = traceback.format_exc(), 1
    with suppress(OSError):  # nobody is there to read it
        os.write(answer, text.encode())
    groups.end_others()
    os._exit(code)


if __name__ == "__main__":
    # Imported by its name: what the workers shall run is then found in a module, and not in a program.
    from parlab.workloads import accidents

    accidents.main(*sys.argv[1:])
