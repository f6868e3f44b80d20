"""What must be true of work that is taken up again: only what is missing is done, and each result has its own name."""

from typing import Any

from parlab.learn.claims import ANSWER, IN_TIME, IN_TIME_WITH_IMAP, NO_ERROR, TIDY, TWO_PROCESSES, right_answer
from parlab.learn.probes_images import BROKEN, THERE
from parlab.learn.records import Check, Claim, Run


def _went_on(check: Check, run: Run) -> str | None:
    fault = NO_ERROR.find(check, run)
    if fault == "raised" and run.error.startswith("StopIteration"):
        return "used up"
    return "broken" if fault == "raised" and f"image {BROKEN} is broken" in run.error else fault


def _only_missing(check: Check, run: Run) -> str | None:  # noqa: ARG001  # every claim is asked in the same way
    return "again" if {call.item for call in run.calls} & set(THERE) else None


def _named(check: Check, run: Run) -> str | None:
    answer, right = run.answers[0] if run.answers else None, right_answer(check)[0]
    return "mixed" if answer != right and _has_the_same_values(answer, right) else ANSWER.find(check, run)


def _has_the_same_values(answer: Any, right: dict[str, Any]) -> bool:
    if not isinstance(answer, dict) or answer.keys() != right.keys():
        return False
    return sorted(map(repr, answer.values())) == sorted(map(repr, right.values()))


WENT_ON = Claim(
    NO_ERROR.title,
    _went_on,
    {
        **NO_ERROR.advice,
        "broken": (
            "The error of the broken image has ended your function: {error}. map and result() raise it again in your "
            "process, and a task that is called there raises it there. Hand each task over, by "
            "executor.submit(task, number), and ask its future: exception() returns the error, and raises nothing."
        ),
        "used up": (
            "Your function raised StopIteration: after the error of the broken image, map gives no further result, "
            "though the tasks behind it were done. A future for each task keeps its own result, or its own error: "
            "executor.submit(task, number)."
        ),
    },
)
ONLY_MISSING = Claim(
    "only what was missing was done",
    _only_missing,
    {
        "again": (
            "Your list is right, but a task was done whose thumbnail is there already. Ask is_there(number) first, in "
            "your own process, and send only the tasks that are missing."
        )
    },
)
NAMED = Claim(
    ANSWER.title,
    _named,
    {
        **ANSWER.advice,
        "mixed": (
            "All names and all results are there, but some results stand under a name that is not theirs: {answer}. "
            "zip takes the names in their own order. So the results must come in that order, too."
        ),
    },
)

RESUMED = (IN_TIME, WENT_ON, ANSWER, ONLY_MISSING, TWO_PROCESSES, TIDY)
WELL_NAMED = (IN_TIME_WITH_IMAP, NO_ERROR, NAMED, TWO_PROCESSES, TIDY)
