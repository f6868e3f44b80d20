"""Sends messages through an engine and says when each went and came back. It never judges what came."""

import queue
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, NamedTuple

_LOOK_S = 1.0


class OverdueError(Exception):
    """It is later than the caller wanted to wait; not a ``TimeoutError``, which tasks raise themselves."""


class Delivery(NamedTuple):
    """One message, there and back. Times are readings of the trial's clock."""

    number: int  # index of the message
    submitted_s: float
    received_s: float
    result: Any
    error: Exception | None


def deliver(
    executor: Executor,
    function: Callable[[Any], Any],
    messages: Iterable[Any],
    *,
    most: int | None = None,
    until_s: float | None = None,
) -> Iterator[Delivery]:
    """Send every message through the engine and note when each went and came back.

    Parameters
    ----------
    executor
        What ``Backend.open`` yielded. One that has a ``deliver`` of its own is asked to do it; one that has a
        ``release_stuck`` is asked, once a second in which nothing came, whether it has to be ended.
    function
        What the workers call with each message.
    messages
        One argument for each call; taken as the engine gets on.
    most
        How many may be under way at once, some for each worker; None sets no limit. It keeps memory flat for many
        tasks, and CPython's pool from filling its own wake-up pipe, where it could deadlock (issue 105829).
    until_s
        When to give up, as a reading of ``time.monotonic``; None never does.

    Yields
    ------
    Delivery
        In any order; an engine's own error stands in ``error`` and does not end the rest.

    Raises
    ------
    OverdueError
        It is past ``until_s``.
    """
    own = getattr(executor, "deliver", None)
    if own is not None:
        yield from own(function, messages)
        return
    arrived: queue.SimpleQueue[tuple[int, float]] = queue.SimpleQueue()
    under_way: dict[int, tuple[float, Future[Any]]] = {}
    left = enumerate(messages)
    more = True
    while True:
        while more and (most is None or len(under_way) < most):
            number, message = next(left, (-1, None))
            if number < 0:
                more = False
                break
            submitted_s = time.perf_counter()
            try:
                future = executor.submit(function, message)
            except BrokenExecutor as broken:  # a worker was lost a moment ago
                yield Delivery(number, submitted_s, time.perf_counter(), None, broken)
                continue
            under_way[number] = (submitted_s, future)
            future.add_done_callback(_Stamp(arrived, number))
        if not under_way:
            return
        number, received_s = _next(arrived, executor, until_s)
        submitted_s, future = under_way.pop(number)
        error = future.exception()
        if error is not None and not isinstance(error, Exception):
            raise error
        yield Delivery(number, submitted_s, received_s, None if error else future.result(), error)


def _next(
    arrived: "queue.SimpleQueue[tuple[int, float]]", executor: Executor, until_s: float | None
) -> tuple[int, float]:
    """Wait for the next arrival, and look after the engine while there is none."""
    release = getattr(executor, "release_stuck", None)
    while True:
        patience_s = _LOOK_S if until_s is None else min(_LOOK_S, max(0.0, until_s - time.monotonic()))
        try:
            return arrived.get(timeout=patience_s)
        except queue.Empty:
            if until_s is not None and time.monotonic() >= until_s:
                raise OverdueError from None
            if release is not None:
                release()


class _Stamp:
    """Notes when a future ended, in the engine's own thread."""

    __slots__ = ("arrived", "number")

    def __init__(self, arrived: "queue.SimpleQueue[tuple[int, float]]", number: int) -> None:
        self.arrived, self.number = arrived, number

    def __call__(self, _future: Future[Any]) -> None:
        self.arrived.put((self.number, time.perf_counter()))
