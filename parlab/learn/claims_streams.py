"""What must be true where a sum is to stop as soon as it is enough: it was decided in the order of the items."""

from itertools import accumulate
from typing import Any

from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, TIDY, TWO_PROCESSES, right_answer, same
from parlab.learn.records import Check, Claim, Run


def _in_order(check: Check, run: Run) -> str | None:
    """Look at the first answer: counted results and their sum are those of the first items, or of others."""
    first = run.answers[0] if run.answers else None
    if not isinstance(first, list) or not _is_pair(first) or same(first, right_answer(check)[0]):
        return ANSWER.find(check, run)
    count, total = first
    sums = list(accumulate(item * item for item in check.calls[0][1]))
    if [count, total] == [len(sums), sums[-1]]:
        return "all"
    return "too far" if [count, total] in [list(one) for one in enumerate(sums, 1)] else "arrival"


def _is_pair(answer: list[Any]) -> bool:
    return len(answer) == 2 and all(type(one) is int for one in answer)


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
        "arrival": (
            "It is {answer}, and {expected} would be right: the results were added as they came, so the answer depends "
            "on which worker was faster. Take them in the order of the items, as imap gives them."
        ),
    },
)

STOPS_IN_ORDER = (IN_TIME, NO_ERROR, IN_ORDER, TWO_PROCESSES, TIDY)
