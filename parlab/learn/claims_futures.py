"""What must be true of answers that are collected from futures: whose each result is, and who was innocent."""

from typing import Any

from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, TIDY, TWO_PROCESSES, right_answer
from parlab.learn.records import Check, Claim, Run

LOST = "lost"  # what stands for the result of a task that ended its worker


def _whose(check: Check, run: Run) -> str | None:
    answer = run.answers[0] if run.answers else None
    return "mixed" if _are_mixed(answer, right_answer(check)[0]) else ANSWER.find(check, run)


def _are_mixed(pairs: Any, right: list[Any]) -> bool:
    """Tell whether all items and all results are there, and some do not stand beside their own."""
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        return False
    ordered = [sorted(map(repr, pairs))] + [sorted(repr(pair[place]) for pair in pairs) for place in (0, 1)]
    wanted = [sorted(map(repr, right))] + [sorted(repr(pair[place]) for pair in right) for place in (0, 1)]
    return ordered[1:] == wanted[1:] and ordered[0] != wanted[0]


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
            "fails that is not done, and most of their tasks did nothing wrong. Do each of these again, in a new "
            "executor of its own, because one that is broken stays broken: the one that fails again is the culprit."
        ),
    },
)

WHOSE_RESULT = (IN_TIME, NO_ERROR, WHOSE, TWO_PROCESSES, TIDY)
INNOCENT_KEPT = (IN_TIME, NO_ERROR, INNOCENT, TWO_PROCESSES, TIDY)
