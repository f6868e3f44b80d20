"""The tasks that go wrong in the checks of the notebook about futures: two raise errors, one ends its worker."""

import multiprocessing
import os
import time

from parlab.learn import probes

BAD = probes.ITEMS[2]  # two are at work before its turn comes
ALSO_BAD = probes.ITEMS[4]  # with an error of another type
ERRORS: dict[int, type[Exception]] = {
    BAD: ValueError,
    ALSO_BAD: TypeError,
}  # so a name that is always the same is wrong
REFUSED = "is not welcome"  # the end of an error's text
_AFTER = probes.ITEMS[3:]
_NAP_S = 0.2  # far longer than it takes to notice that a worker is gone


def square_or_raise(item: int) -> int:
    """Return the square of a number, or raise an error.

    Raises
    ------
    ValueError
        For ``BAD``.
    TypeError
        For ``ALSO_BAD``.
    """
    square = probes.square(item)
    if item in ERRORS:
        raise ERRORS[item](f"{item} {REFUSED}")
    return square


def square_or_end(item: int) -> int:
    """Return the square of a number, or end this process at ``BAD``, if it is a worker.

    Raises
    ------
    RuntimeError
        For ``BAD``, where it would end the learner's own process.
    """
    if item == BAD:
        if multiprocessing.parent_process() is not None:
            os._exit(1)
        raise RuntimeError(f"the task with {item} ends the process that it runs in: leave it to a worker")
    if item in _AFTER:
        time.sleep(_NAP_S)  # none of these is done before the loss is noticed
    return probes.square(item)
