"""Watches a queue whose producer is faster than its consumer; for the notebook about messages.

The consumer is a child, which imports this module: it keeps to the standard library. No workload is here.
"""

import queue
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from parlab.errors import ParlabError
from parlab.workloads import guarding
from parlab.workloads.lessons import Sender

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

_START_S, _ANSWER_S = 60.0, 60.0


class Flow(NamedTuple):
    """When each message was in the queue, and when it was out; times are those of ``time.time()``."""

    put_s: list[float]
    taken_s: list[float]


def watch_queue(
    context: "BaseContext", maxsize: int = 0, messages: int = 12, make_s: float = 0.01, use_s: float = 0.05
) -> Flow:
    """Put messages into a queue faster than a child uses them, and note when each goes in and out.

    Parameters
    ----------
    context
        Of ``multiprocessing``: it says how processes are started.
    maxsize
        How many messages may wait in the queue; 0 sets no limit.
    messages
        How many are sent.
    make_s, use_s
        How long it takes to make one, and to use one.

    Raises
    ------
    ParlabError
        The child is gone, or had not begun after a minute.
    """
    inbox, outbox = context.Queue(maxsize), context.Queue()
    inbox.cancel_join_thread()  # nobody shall wait for a child that is gone
    process = context.Process(target=use_slowly, args=(inbox, outbox, use_s))  # type: ignore[attr-defined]
    try:
        with guarding.running(process):
            outbox.get(timeout=_START_S)  # the child has begun
            put_s = [_put(inbox, number, make_s) for number in range(messages)]
            inbox.put(None, timeout=_ANSWER_S)
            return in_order(put_s, outbox.get(timeout=_ANSWER_S), maxsize)
    except (queue.Empty, queue.Full):
        raise ParlabError("The process that takes the messages is gone. Run the cell again.") from None


def in_order(put_s: Sequence[float], taken_s: Sequence[float], maxsize: int = 0) -> Flow:
    """Mend times that two processes noted: either may have been held up between its deed and its look at the clock.

    Parameters
    ----------
    put_s, taken_s
        For each message, when it was noted as put, and as taken.
    maxsize
        How many messages may wait; 0 for any number.

    Returns
    -------
    Flow
        In which no message is taken before it was put, and none put before there was room for it. A time that would say
        so is too late, and becomes that of what must have followed it.
    """
    put, taken = list(put_s), list(taken_s)
    for place in reversed(range(len(taken))):
        if maxsize and place + maxsize < len(put):
            taken[place] = min(taken[place], put[place + maxsize])
        put[place] = min(put[place], taken[place])
    return Flow(put, taken)


def _put(inbox: Any, number: int, make_s: float) -> float:
    time.sleep(make_s)
    inbox.put(number, timeout=_ANSWER_S)
    return time.time()


def use_slowly(inbox: Any, outbox: Sender, use_s: float) -> None:
    """Say that it is here, take messages until one is None, use each for a while, and report when each was out.

    Parameters
    ----------
    inbox, outbox
        Queues.
    use_s
        How long to use a message.
    """
    guarding.end_with_parent()
    outbox.put("here")
    taken_s = []
    while inbox.get() is not None:
        taken_s.append(time.time())
        time.sleep(use_s)
    outbox.put(taken_s)
