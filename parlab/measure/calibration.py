"""Measures what the machine itself can give: the ceiling, and what tracing adds to a task.

The ceiling is the honest ideal line. n processes count in a loop of pure Python that shares nothing; how much more they
count together than one alone is what no program on this machine can beat by processes.
"""

import time
from concurrent.futures import Executor

from parlab.backends.base import on_every_worker
from parlab.messages import Message
from parlab.parcels import pack
from parlab.trace import Envelope

WINDOW_S = 0.2  # long against scheduling slices of a few milliseconds, short enough to stand in every round
_STEPS = 2_000  # about 50 microseconds between two looks at the clock
_TRACED_CALLS = 2_000
_REPEATS = 5


def count_for(window_s: float) -> float:
    """Count in pure Python for a while.

    Parameters
    ----------
    window_s
        How long, in seconds of this worker's own clock.

    Returns
    -------
    float
        Steps per second.
    """
    clock, total, steps = time.perf_counter, 0, 0
    started = now = clock()
    while now - started < window_s:
        for number in range(_STEPS):
            total += number & 3
        steps += _STEPS
        now = clock()
    return steps / (now - started)


def measure_ceiling(executor: Executor, workers: int) -> tuple[float, float]:
    """Return the speedup of ``workers`` independent copies of the loop over one copy alone, and that one's pace.

    One copy runs alone before and after all run together, so that a drift of the clock rate cancels. The pace, in steps
    a second, tells whether the machine itself is as fast as on another day.
    """
    before = executor.submit(count_for, WINDOW_S).result()
    together = [answer.result for answer in on_every_worker(executor, workers, count_for, WINDOW_S)]
    after = executor.submit(count_for, WINDOW_S).result()
    alone: float = (before * after) ** 0.5
    return float(sum(together)) / alone, alone


def measure_tracing(logbook: str | None = None) -> float:
    """Return what the envelope adds to each task, in seconds: best of a few repeats, with what goes to a logbook."""
    items = range(_TRACED_CALLS)
    envelope = Envelope(_nothing, shares_process=True, carrier="pickle", logbook=logbook)
    message = Message(0, [pack(item) for item in items])
    best = float("inf")
    for _ in range(_REPEATS):
        started = time.perf_counter()
        for item in items:
            _nothing(item)
        middle = time.perf_counter()
        envelope(message)
        best = min(best, (time.perf_counter() - middle) - (middle - started))
    return max(0.0, best / _TRACED_CALLS)


def _nothing(_item: int) -> None:
    return None
