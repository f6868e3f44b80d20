"""What must be true of answers that are collected from futures: whose each result is, and who was innocent."""

from typing import Any

from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, TIDY, TWO_PROCESSES, right_answer
from parlab.learn.records import Check, Claim, Run

LOST = "lost"  # what stands for the result of a task that ended its worker


def _whose(check: Check, run: Run) -> str | None:
    answers, expected = run.answers, right_answer(check)
    if answers and isinstance(answers[0], dict) and answers[0] != expected[0] and _same_parts(answers[0], expected[0]):
        return "mixed"
    return ANSWER.find(check, run)


def _same_parts(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two dictionaries have the same keys and the same values, whichever belong together."""
    return one.keys() == other.keys() and sorted(map(repr, one.values())) == sorted(map(repr, other.values()))


def _innocent(check: Check, run: Run) -> str | None:
    answer = run.answers[0] if run.answers else None
    if isinstance(answer, list) and answer.count(LOST) > 1:
        return "innocent"
    return ANSWER.find(check, run)


WHOSE = Claim(
    ANSWER.title,
    _whose,
    {
        **ANSWER.advice,
        "mixed": (
            "All results are there, but some stand beside an item that is not theirs: {answer}. as_completed gives the "
            "futures in the order of their ends, and no future knows its item. So keep a dict from each future to its "
            "item, and look up whose the one is that has just come."
        ),
    },
)
INNOCENT = Claim(
    ANSWER.title,
    _innocent,
    {
        **ANSWER.advice,
        "innocent": (
            "Your list says “lost” more than once: {answer}. One task alone ends its worker. But then every future "
            "fails that is not done, and most of their tasks did nothing wrong. Do each of these again, with a worker "
            "of its own: the one that fails again is the culprit."
        ),
    },
)

WHOSE_RESULT = (IN_TIME, NO_ERROR, WHOSE, TWO_PROCESSES, TIDY)
INNOCENT_KEPT = (IN_TIME, NO_ERROR, INNOCENT, TWO_PROCESSES, TIDY)
