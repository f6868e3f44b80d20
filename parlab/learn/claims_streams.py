"""What must be true of a simulation: each task has a seed of its own, and a sum stops in the order of the items."""

from collections.abc import Iterable
from itertools import accumulate, combinations
from typing import Any

from parlab.learn.claims import (
    ANSWER,
    IN_TIME,
    IN_TIME_WITH_IMAP,
    NO_ERROR,
    TIDY,
    TWO_PROCESSES,
    right_answer,
    same,
)
from parlab.learn.records import Check, Claim, Run


def _in_pairs(check: Check, run: Run) -> str | None:
    fault = NO_ERROR.find(check, run)
    is_unpaired = "missing 1 required positional argument" in run.error or "'list' and 'int'" in run.error
    return "unpaired" if fault == "raised" and is_unpaired else fault


def _in_order(check: Check, run: Run) -> str | None:
    """Look at the first answer: counted results and their sum are those of the first items, or of others."""
    first = run.answers[0] if run.answers else None
    if not isinstance(first, list) or not _is_pair(first) or same(first, right_answer(check)[0]):
        return ANSWER.find(check, run)
    squares = [item * item for item in check.calls[0][1]]
    if first == [len(squares), sum(squares)]:
        return "all"
    if first in _sums(squares):
        return "too far"
    if first in _sums(sorted(squares)):
        return "sorted"
    could_have_come = sum(squares) >= first[1] > 0 and first[1] in map(sum, combinations(squares, first[0]))
    return "arrival" if could_have_come else "wrong"


def _sums(numbers: Iterable[int]) -> list[list[int]]:
    """Return [how many, their sum] of no number, of the first one, of the first two, and so on."""
    return [list(one) for one in enumerate(accumulate(numbers, initial=0))]


def _is_pair(answer: list[Any]) -> bool:
    return len(answer) == 2 and all(type(one) is int and one >= 0 for one in answer)


IN_PAIRS = Claim(
    NO_ERROR.title,
    _in_pairs,
    {
        **NO_ERROR.advice,
        "unpaired": (
            "Your function raised an error: {error}. The task takes two arguments. map gives it one; starmap takes "
            "*one* list, of pairs, and unpacks each: pool.starmap(task, zip(items, children))."
        ),
    },
)

IN_ORDER = Claim(
    ANSWER.title,
    _in_order,
    {
        **ANSWER.advice,
        "all": (
            "It is {answer}: all results were added, though fewer were enough. Look at the sum after each result, and "
            "stop at the first that is enough. Results come one by one from imap; map waits for all."
        ),
        "too far": (
            "It is {answer}, and {expected} would be right: results were added in the right order, but not up to the "
            "first sum that is enough. Add a result first, then look."
        ),
        "sorted": (
            "It is {answer}, and {expected} would be right: the items were sorted first. Whose result is added first "
            "is decided by the order in which the items were given."
        ),
        "arrival": (
            "It is {answer}, and {expected} would be right: the results were added as they came, so the answer depends "
            "on which worker was faster. Take them in the order of the items, as imap gives them."
        ),
    },
)

OWN_SEEDS = (IN_TIME, IN_PAIRS, ANSWER, TWO_PROCESSES, TIDY)
STOPS_IN_ORDER = (IN_TIME_WITH_IMAP, NO_ERROR, IN_ORDER, TWO_PROCESSES, TIDY)
