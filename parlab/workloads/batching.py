"""Sends the same numbers through a queue in many small messages or in few large ones; for the notebook about messages.

The receiver is a child, which imports this module: it keeps to the standard library. No workload is here.
"""

import queue
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError, ParlabError
from parlab.workloads import guarding
from parlab.workloads.lessons import Sender

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

VALUES = 10_000
MESSAGES = (1, 10, 100, 1_000, 10_000)

_WAIT_S = 60.0


def times_by_messages(
    context: "BaseContext", messages: Sequence[int] = MESSAGES, values: int = VALUES, rounds: int = 3
) -> dict[int, list[float]]:
    """Send numbers to a child that adds them up, and wait for the sum, with several numbers of messages.

    Parameters
    ----------
    context
        Of ``multiprocessing``: it says how processes are started.
    messages
        In how many messages the numbers travel.
    values
        How many numbers.
    rounds
        How often each is tried.

    Returns
    -------
    dict
        For each number of messages the seconds from the first put until the sum has come, one a round.

    Raises
    ------
    InputError
        There are more messages than numbers, or less than one.
    ParlabError
        The child is gone, or had not answered after a minute.
    """
    if not all(1 <= count <= values for count in messages):
        raise InputError(f"{values} numbers travel in 1 to {values} messages. Give numbers of messages between these.")
    inbox, outbox = context.Queue(), context.Queue()
    inbox.cancel_join_thread()  # nobody shall wait for a child that is gone
    process = context.Process(target=add_up, args=(inbox, outbox))  # type: ignore[attr-defined]
    times: dict[int, list[float]] = {count: [] for count in messages}
    try:
        with guarding.running(process):
            _sum_s(inbox, outbox, [[1]])  # the first one waits until the child has started
            for _ in range(rounds):
                for count in messages:
                    times[count].append(_sum_s(inbox, outbox, parts(range(values), count)))
            inbox.put(None)
    except queue.Empty:
        raise ParlabError("The process that adds up is gone. Run the cell again.") from None
    return times


def parts(values: Sequence[int], count: int) -> list[list[int]]:
    """Cut values into so many lists, whose lengths differ by one at most.

    Parameters
    ----------
    values
        What is cut.
    count
        How many lists.
    """
    ends = [len(values) * number // count for number in range(count + 1)]
    return [list(values[start:end]) for start, end in pairwise(ends)]


def _sum_s(inbox: Any, outbox: Any, lists: Sequence[Sequence[int]]) -> float:
    expected = sum(map(sum, lists))
    began_s = time.perf_counter()
    for one in lists:
        inbox.put(one)
    inbox.put([])
    found = outbox.get(timeout=_WAIT_S)
    taken_s = time.perf_counter() - began_s
    if found != expected:
        raise ParlabError(f"The sum came back as {found}, and {expected} would be right. Run the cell again.")
    return taken_s


def add_up(inbox: Any, outbox: Sender) -> None:
    """Add up the numbers of all lists; send the sum at each empty one, and end at None.

    Parameters
    ----------
    inbox, outbox
        Queues.
    """
    guarding.end_with_parent()
    total = 0
    for numbers in iter(inbox.get, None):
        total += sum(numbers)
        if not numbers:
            outbox.put(total)
            total = 0
