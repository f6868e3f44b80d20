"""What must be true of a program for a cluster: all items computed, equal ones too; a table sent once to each."""

from parlab.learn.claims import ANSWER, IN_TIME, LOADED_ONCE, NO_ERROR, TIDY, TWO_PROCESSES
from parlab.learn.records import Check, Claim, Run


def _raised(check: Check, run: Run) -> str | None:
    if run.ended == "raised" and "GeneratorContextManager" in run.error:
        return "not opened"
    return NO_ERROR.find(check, run)


def _each(check: Check, run: Run) -> str | None:
    if not run.calls:
        return None  # that nobody called the task is said elsewhere
    asked = sum(len(arguments[1]) for arguments in check.calls)
    return "once" if len(run.calls) < asked else None


def _sent_once(check: Check, run: Run) -> str | None:
    return "again" if LOADED_ONCE.find(check, run) else None


OPENED = Claim(
    NO_ERROR.title,
    _raised,
    {
        **NO_ERROR.advice,
        "not opened": (
            "connect(2) has not begun yet, so it is no client: {error}. Open it in a block, which "
            "ends it as well: with connect(2) as client:"
        ),
    },
)
EACH = Claim(
    "each item was computed, equal ones too",
    _each,
    {
        "once": (
            "Some items are equal, and Dask has computed those once: it takes a function for pure, and the same call "
            "for the same result. Where chance or a measurement is in it, that is wrong. Say pure=False."
        )
    },
)
SENT_ONCE = Claim(
    "each worker got the table once",
    _sent_once,
    {
        "again": (
            "The results are right, but the table has travelled again and again: what is an argument of submit goes "
            "with each task. client.scatter(table), once and before the tasks, gives you a reference to hand over."
        )
    },
)

ON_A_CLUSTER = (IN_TIME, OPENED, ANSWER, EACH, TWO_PROCESSES, TIDY)
WITH_A_TABLE = (IN_TIME, OPENED, ANSWER, TWO_PROCESSES, SENT_ONCE, TIDY)
