"""What must be true of a right answer: each claim with the faults that it knows, and what a learner reads about them.

A claim looks at what a run has shown, and at nothing else: never at a duration.
"""

from contextlib import suppress
from math import isclose
from typing import Any

from parlab.learn.records import Check, Claim, Run

_ROUNDING = 1e-9  # two right ways to compute a number differ by less, relative to it

OPEN = "open"  # the fault of an exercise that is not begun
TRACEBACK = "Traceback (most recent call last)"  # how a child's error begins, in every version of Python


def right_answer(check: Check) -> list[Any]:
    """Return what a run should have answered, call by call, in the form in which answers travel."""
    from parlab.learn.runner import plain

    expected = plain(check.expected)
    return list(expected) if len(check.calls) > 1 else [expected]


def same(one: Any, other: Any) -> bool:
    """Tell whether two plain values are equal; numbers with a point may differ in their last digits."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        with suppress(TypeError, OverflowError):  # a text, or a number that is too large for a float
            return isclose(one, other, rel_tol=_ROUNDING)
    return bool(one == other)


def is_open(value: Any) -> bool:
    """Tell whether a value stands for "not done yet"."""
    return value is None or value is ...


def _late(check: Check, run: Run) -> str | None:
    return "late" if run.ended == "late" else None


def _error(check: Check, run: Run) -> str | None:
    if run.ended == "lost":
        return "lost"
    if run.ended != "raised":
        return None
    return run.cause or "raised"


def _answer(check: Check, run: Run) -> str | None:
    expected = right_answer(check)
    if same(run.answers, expected):
        return None
    if TRACEBACK in run.printed:
        return "worker"
    if all(kind in ("NoneType", "ellipsis") for kind in run.kinds):
        return "printed" if run.printed else "no return" if run.calls else OPEN
    if "iterator" in run.kinds:
        return "iterator"
    if len(expected) == 1 and isinstance(expected[0], list) and isinstance(run.answers[0], list):
        return _list(run.answers[0], expected[0])
    return "wrong"


def _list(answer: list[Any], expected: list[Any]) -> str:
    if not answer:
        return "empty"
    return "order" if sorted(map(repr, answer)) == sorted(map(repr, expected)) else "wrong"


def _two_processes(check: Check, run: Run) -> str | None:
    if run.met == "processes":
        return None
    workers = {(call.process, call.thread) for call in run.calls}
    processes = {call.process for call in run.calls}
    if not workers:
        return "unused"
    if run.met == "threads" or (len(workers) > 1 and processes == {run.root}):
        return "threads"
    if processes == {run.root}:
        return "serial"
    return "one worker" if len(processes) == 1 else "in turn"


def _two_threads(check: Check, run: Run) -> str | None:
    if run.met == "threads":
        return None
    if not run.calls:
        return "unused"
    if {call.process for call in run.calls} != {run.root}:
        return "processes"
    return "serial" if len({call.thread for call in run.calls}) == 1 else "in turn"


def _tidy(check: Check, run: Run) -> str | None:
    if run.pools:
        return "pool"
    if run.unjoined:
        return "alive" if run.alive else "not joined"
    return "segment" if run.segments else "file" if run.files else None


def _loaded_once(check: Check, run: Run) -> str | None:
    return "again" if any(call.loads > 1 for call in run.calls) else None


_RIGHT_BUT = "Your answer is right, but "
_UNUSED = "The check's task was never called. Call the task that your function is given, once for each item."

IN_TIME = Claim(
    "it ended before its deadline",
    _late,
    {
        "late": (
            "It had not ended after {deadline_s:.0f} seconds, so it was ended, with every process that it had started. "
            "Below stands where each of them was. Somebody waits for what never comes, or a loop never ends."
        )
    },
)
IN_TIME_WITH_IMAP = Claim(
    IN_TIME.title,
    _late,
    {
        "late": IN_TIME.advice["late"] + " With imap, look at the with block: its end ends the workers, and what they "
        "have not sent by then never comes. Fetch all results inside of it."
    },
)
NO_ERROR = Claim(
    "it raised no error",
    _error,
    {
        OPEN: "This exercise is still open. Write the function and run its cell and this one again.",
        "raised": "Your function raised an error: {error}",
        "lost": (
            "The process that ran your function ended in the middle of it ({error}). "
            "Look for sys.exit, os._exit or a crash in it."
        ),
        "import": "{error} Mend its cell and run it again.",
        "signature": "The check calls your function like this: {error}. Give it these parameters, in this order.",
        "pickle": (
            "Something could not be pickled, and so could not travel to another process: {error}. Lambdas, functions "
            "inside functions and open things cannot. Use a function at the top of the cell, and plain values."
        ),
        "name": (
            "Your function raised an error: {error}. A cell that begins with %%workers is a module of its own, and "
            "sees no variable and no import of the notebook. Write into it what it needs. It needs no context: "
            "multiprocessing.Pool(2), multiprocessing.Lock() and ProcessPoolExecutor(2) do."
        ),
        "called": (
            "Your function raised an error: {error}. Perhaps a function was called where it should be handed over: "
            "submit(task, item) lets a worker call it, but submit(task(item)) calls it here, and hands over its result."
        ),
        "time": (
            "A result had not come when its time was up: {error}. Ask for it inside of the with block: once that has "
            "ended, a pool's workers are gone, and no result comes. Or does a task wait for another one?"
        ),
        "workers": "A worker ended in the middle of its work: {error}. Try the task in a plain loop first.",
    },
)
ANSWER = Claim(
    "the answer is right",
    _answer,
    {
        OPEN: "This exercise is still open. Write the function and run its cell and this one again.",
        "worker": (
            "The answer is not right, and a process that your function started ended with an error. A child's error "
            "does not reach its parent: it is printed, as below, and the exit code is not 0."
        ),
        "no return": "The tasks were done, but your function returned nothing. End it with return and what it found.",
        "printed": (
            "Your function printed something and returned nothing. print shows a value to people; return hands it to "
            "whoever called. The check reads what is returned."
        ),
        "iterator": (
            "Your function returned an iterator, whose values have not been fetched. Put list(…) around it, inside of "
            "the with block, while the workers still live."
        ),
        "empty": (
            "The list came back empty. A process has its own memory: what a child appends to a list stays with the "
            "child. Let the results travel: by a pool's return values, or through a queue."
        ),
        "order": (
            "All results are there, but in another order. Results that are taken as they come are in the order of the "
            "ends, and those of sorted items in the order of the sorting. It is {answer}, and {expected} would be "
            "right."
        ),
        "wrong": "{asked} {answer}, and {expected} would be right.",
    },
)
TWO_PROCESSES = Claim(
    "two processes were at work at once",
    _two_processes,
    {
        "unused": _UNUSED,
        "serial": (
            _RIGHT_BUT + "one process did all the work, one task after the other: the one that called your function. "
            "Give the tasks to two processes of their own."
        ),
        "threads": (
            _RIGHT_BUT + "the work was done by threads of one process. This exercise asks for processes: threads share "
            "one Python, which runs Python code of one thread at a time."
        ),
        "one worker": (
            _RIGHT_BUT + "one worker did all the tasks, and nobody worked beside it. Three causes are usual: there is "
            "only one worker; all tasks went to it in one big chunk; or each result was waited for before the next "
            "task was sent, so that a second worker was never needed."
        ),
        "in turn": (
            _RIGHT_BUT + "the processes worked in turn, one after the other: each was waited for before the next could "
            "begin. Start all (or send all tasks) first, and only then wait: join, get or result in a second loop."
        ),
    },
)
TWO_THREADS = Claim(
    "two threads were at work at once",
    _two_threads,
    {
        "unused": _UNUSED,
        "serial": (
            _RIGHT_BUT + "one thread did all the work, one task after the other, and waited for each. "
            "Give the tasks to two threads."
        ),
        "processes": (
            _RIGHT_BUT + "the tasks went to processes. For work that only waits, threads do as well, and cost far less "
            "to start. This exercise asks for threads."
        ),
        "in turn": (
            _RIGHT_BUT + "the threads worked in turn: each was waited for before the next could begin. "
            "Start all first, and only then wait."
        ),
    },
)
LOADED_ONCE = Claim(
    "each worker loaded the table once",
    _loaded_once,
    {
        "again": (
            _RIGHT_BUT + "a worker loaded the table more than once. A pool calls its initializer once in each worker, "
            "before the first task: Pool(2, initializer=load)."
        )
    },
)
TIDY = Claim(
    "nothing is left behind",
    _tidy,
    {
        "pool": (
            "The pool was never closed: its workers lived on until Python threw it away. Use it in a with block, "
            "which ends it whatever happens."
        ),
        "alive": (
            "A process that your function has started was still running after it had returned. Wait for each with "
            "join(), or use a with block, before you return."
        ),
        "not joined": (
            "A process was never waited for: it had ended only by chance. Wait for each one with join(), or use a "
            "with block, before you return."
        ),
        "segment": (
            "A segment of shared memory is still there: it stays in memory after all processes have ended. The one "
            "that made it calls close() and then unlink(), best in a finally."
        ),
        "file": "Temporary files are still there: {files}. Remove them, or make them in a with block.",
    },
)
VALUE = Claim("the answer is right", lambda check, run: None if same(run.answers, right_answer(check)) else "wrong", {})

PURE = (IN_TIME, NO_ERROR, ANSWER, TIDY)
PROCESSES = (IN_TIME, NO_ERROR, ANSWER, TWO_PROCESSES, TIDY)
THREADS = (IN_TIME, NO_ERROR, ANSWER, TWO_THREADS, TIDY)
