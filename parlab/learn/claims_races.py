"""What must be true of an answer whose workers share a number: nothing is lost, nothing is sold twice."""

from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, TIDY, TWO_PROCESSES, right_answer
from parlab.learn.records import Check, Claim, Run


def _ends(check: Check, run: Run) -> str | None:
    answer, ends = run.answers[0], right_answer(check)[0]
    are_numbers = isinstance(answer, list) and all(isinstance(one, int) for one in answer)
    return None if are_numbers and sorted(answer) == ends else "wrong"


def _lost(check: Check, run: Run) -> str | None:
    fault = ANSWER.find(check, run)
    return "lost update" if fault == "wrong" and _difference(check, run) < 0 else fault


def _oversold(check: Check, run: Run) -> str | None:
    fault = ANSWER.find(check, run)
    if fault != "wrong" or _difference(check, run) <= 0:
        return fault
    _, customers, _ = check.calls[0]
    return "to everybody" if run.answers[0] == len(customers) else "oversold"


def _difference(check: Check, run: Run) -> float:
    """Return by how much the answer is too large; 0 where it is no number."""
    answer = run.answers[0]
    is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
    return answer - right_answer(check)[0] if is_number else 0.0


ENDS = Claim("the answer is right", _ends, {})  # in whichever order: the numbers were asked for
LOCKS_TRAVEL = Claim(
    NO_ERROR.title,
    NO_ERROR.find,
    {
        **NO_ERROR.advice,
        "pickle": (
            f"{NO_ERROR.advice['pickle']} A lock travels only to a process that is just being started: among the "
            "args of a Process, or the initargs of a pool."
        ),
    },
)
NOTHING_LOST = Claim(
    "nothing is lost",
    _lost,
    {
        **ANSWER.advice,
        "lost update": (
            "The number is {answer} at the end, and {expected} would be right: some additions are lost. Between read() "
            "and write() of one worker, another one has read the same number. (The check makes two readers meet, so it "
            "does not depend on luck.) Reading and writing must be one step for all others: hold one lock for both, "
            "and let it be the same lock for all workers."
        ),
    },
)
NOT_OVERSOLD = Claim(
    "no seat is sold twice",
    _oversold,
    {
        **ANSWER.advice,
        "oversold": (
            "{answer} were sold, and there was only {expected}. Both workers have looked, both have seen the same free "
            "seat, and then both have taken it. (The check makes two readers meet, so it does not depend on luck.) "
            "What was seen must still be true when it is used: the question belongs under the same lock as the deed."
        ),
        "to everybody": (
            "{answer} were sold, one to each customer, and there was only {expected}. Perhaps nobody asks whether a "
            "seat is free, or a sale is counted that was not made. Asking, selling and counting belong together, under "
            "one lock: all three, or none of them."
        ),
    },
)
AT_ONCE = Claim(
    TWO_PROCESSES.title,
    TWO_PROCESSES.find,
    {
        **TWO_PROCESSES.advice,
        "in turn": (
            "Your answer is right, but the processes worked in turn, never both at once. Two causes are usual: the "
            "task is called while the lock is held, so that the others wait outside; or each process was waited for "
            "before the next could begin. Hold the lock for reading and writing alone, and start all before you wait."
        ),
    },
)

LOSSLESS = (IN_TIME, LOCKS_TRAVEL, NOTHING_LOST, AT_ONCE, TIDY)
SELLING = (IN_TIME, LOCKS_TRAVEL, NOT_OVERSOLD, AT_ONCE, TIDY)
