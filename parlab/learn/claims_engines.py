"""What must be true of a function that works with any engine: right, in order, errors kept, and really parallel."""

from typing import Any

from parlab.learn import probes_futures
from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, TIDY, TWO_PROCESSES, right_answer, same
from parlab.learn.probes_engines import AloneError, ElsewhereError
from parlab.learn.records import Check, Claim, Run

_OF_THE_CLASS = ("_shutdown", "context manager protocol")  # submit or with, of the class and no executor of it
_NOT_SENT = {"<AttributeError>", "<PicklingError>"}  # what a future holds of a function that nobody can import
_ALONE, _ELSEWHERE = (f"<{kind.__name__}>" for kind in (AloneError, ElsewhereError))


def _raised(check: Check, run: Run) -> str | None:
    if run.ended == "raised" and probes_futures.REFUSED in run.error:
        return "called here" if run.root in {call.process for call in run.calls} else "let out"
    if run.ended == "raised" and any(sign in run.error for sign in _OF_THE_CLASS):
        return "not started"
    return NO_ERROR.find(check, run)


def _with_each(check: Check, run: Run) -> str | None:
    expected = right_answer(check)
    if same(run.answers, expected):
        return None
    lists = [answer for answer in run.answers if isinstance(answer, list)]
    if any(answer and all(isinstance(one, str) and one in _NOT_SENT for one in answer) for answer in lists):
        return "not sent"
    for fault, sign in (("elsewhere", _ELSEWHERE), ("alone", _ALONE)):
        if any(sign in answer for answer in lists):
            return _sooner(run, fault)
    pairs = list(zip(run.answers, expected, strict=False))
    if any(_reordered(answer, right) for answer, right in pairs):
        return "order"
    return ANSWER.find(check, run)


def _sooner(run: Run, fault: str) -> str:
    """Name what was wrong with the first engine, processes, where there is something."""
    return fault if run.met == "processes" else "no processes"


def _reordered(answer: Any, right: list[Any]) -> bool:
    return isinstance(answer, list) and answer != right and sorted(map(repr, answer)) == sorted(map(repr, right))


KEPT = Claim(
    NO_ERROR.title,
    _raised,
    {
        **NO_ERROR.advice,
        "let out": (
            "A task raised an error, and it came out of your function: {error}. executor.map does so at the first one, "
            "and result() does, too. Submit each task on its own, and ask its future: exception() returns the error."
        ),
        "called here": (
            "Your function called task itself, in its own process, and so met its error: {error}. Let the engine call "
            "it: executor.submit(task, item) hands over the function and its item, apart."
        ),
        "not started": (
            "engine is no executor yet, so it cannot take a task: {error}. engine(2) starts one with two workers; use "
            "it in a with block."
        ),
    },
)
WITH_EACH = Claim(
    "the answer is right with either engine",
    _with_each,
    {
        **ANSWER.advice,
        "wrong": "Your function returned {answer}, and {expected} would be right.",
        "not sent": (
            "Every result is an error of pickling: what you have submitted could not travel to a process, so no task "
            "was begun. Lambdas and functions inside functions cannot. Submit the task as it is: submit(task, item)."
        ),
        "no processes": (
            "Your function was given an engine of two processes, and not two of them were at work at once. Start the "
            "engine with engine(2), in a with block. Submit all tasks to it first, and only then ask for results."
        ),
        "alone": (
            "With processes all is well. Then your function was given ThreadPoolExecutor, and no two threads were at "
            "work at once. Use the engine that is handed to you, whatever it is: engine(2) starts it."
        ),
        "elsewhere": (
            "With processes all is well. Then your function was given ThreadPoolExecutor, and its tasks ran in "
            "processes nevertheless. So it names an engine of its own. Use the one that is handed to you: engine(2)."
        ),
    },
)

WITH_ANY_ENGINE = (IN_TIME, KEPT, WITH_EACH, TWO_PROCESSES, TIDY)
