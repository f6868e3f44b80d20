"""Tasks that go wrong at number 3, each in its own way, for the notebook about futures.

They keep to the standard library, so that a worker starts fast. What a pool and an executor make of them is seen by
``parlab.workloads.aftermath``, in a process that is watched: some leave a pool waiting for ever.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

CULPRIT = 3
_NAP_S = 0.1


class OddError(Exception):
    """An error that travels, and cannot be put together again: its arguments are not those of its class."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"{number}: {reason}")


def nap_and_square(number: int) -> int:
    """Sleep a tenth of a second, then square a number.

    Parameters
    ----------
    number
        What to square.
    """
    time.sleep(_NAP_S)
    return number * number


def raise_at_three(number: int) -> int:
    """Square a number, but raise an error at 3.

    Parameters
    ----------
    number
        What to square.

    Raises
    ------
    ValueError
        For 3.
    """
    if number == CULPRIT:
        raise ValueError("3 is not welcome")
    return nap_and_square(number)


def leave_at_three(number: int) -> int:
    """Square a number, but call ``sys.exit`` at 3.

    Parameters
    ----------
    number
        What to square.
    """
    if number == CULPRIT:
        sys.exit("3 wants to leave")
    return nap_and_square(number)


def end_at_three(number: int) -> int:
    """Square a number, but end the whole process at 3, as the system does when memory runs out.

    Parameters
    ----------
    number
        What to square.
    """
    if number == CULPRIT:
        os._exit(1)  # no exception, no tidying up: the process is gone
    return nap_and_square(number)


def function_at_three(number: int) -> Any:
    """Square a number, but return a function without a name at 3, which cannot be pickled.

    Parameters
    ----------
    number
        What to square.
    """
    return (lambda: number) if number == CULPRIT else nap_and_square(number)


def odd_error_at_three(number: int) -> int:
    """Square a number, but raise an error at 3 that cannot be put together again where it arrives.

    Parameters
    ----------
    number
        What to square.

    Raises
    ------
    OddError
        For 3.
    """
    if number == CULPRIT:
        raise OddError(number, "not welcome")
    return nap_and_square(number)


def fail_to_start() -> None:
    """Fail as an initializer, as one does that finds no file.

    Raises
    ------
    FileNotFoundError
        Always.
    """
    raise FileNotFoundError("prices.csv")


CASES: dict[str, tuple[Callable[[int], Any], Callable[[], None] | None]] = {
    "the task raises an error": (raise_at_three, None),
    "the task calls sys.exit": (leave_at_three, None),
    "the worker dies": (end_at_three, None),
    "the result cannot be pickled": (function_at_three, None),
    "the error cannot be unpickled": (odd_error_at_three, None),
    "the initializer raises an error": (nap_and_square, fail_to_start),
}
