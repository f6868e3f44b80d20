"""Tasks for the notebook about pools, which started processes import, and what watches from outside how a pool works.

A task here tells who did it and when, or needs something that its worker keeps, or fails, or ends its worker. They keep
to the standard library, so that a worker starts fast. No workload is here, and no pool is opened.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from parlab.errors import unknown_choice

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 250, 500, 1000)  # chunk sizes to try

_METHODS = ("map", "imap", "imap_unordered")
_WARM_UP_S = 0.05

_kept: Any = None  # what this worker was given at its start


class Report(NamedTuple):
    """What a task tells of itself; the times are those of ``time.time()``, which all processes share."""

    task: int
    worker: int  # the number of its process
    began_s: float
    ended_s: float


class Arrival(NamedTuple):
    """A task, and when its result reached the caller; all times count from the call of the pool's method."""

    task: int
    worker: int  # 0 for the one that began first, then 1, …
    began_s: float
    ended_s: float
    arrived_s: float


def square(number: int) -> int:
    """Square a number: a task far shorter than its journey.

    Parameters
    ----------
    number
        What to square.
    """
    return number * number


def nap_and_report(order: tuple[int, float]) -> Report:
    """Sleep, and tell who has slept and when.

    Parameters
    ----------
    order
        ``(task, seconds)``: a number that tells this report from the others, and how long to sleep.
    """
    task, seconds = order
    began_s = time.time()
    time.sleep(seconds)
    return Report(task, os.getpid(), began_s, time.time())


def keep(value: Any) -> None:
    """Keep a value in this process, for its later tasks; made to be a pool's initializer.

    Parameters
    ----------
    value
        Whatever the tasks need: a queue, a table, the name of a file.
    """
    global _kept  # noqa: PLW0603  # a worker's constant state is what the notebook teaches
    _kept = value


def load(rows: int) -> dict[int, int]:
    """Make a price list, and keep it in this process; stands for reading a large file.

    Parameters
    ----------
    rows
        How many prices.

    Returns
    -------
    dict
        The same list.
    """
    keep({number: number % 97 for number in range(rows)})
    prices: dict[int, int] = _kept
    return prices


def price(number: int) -> int:
    """Look a price up in the list that this process has loaded.

    Parameters
    ----------
    number
        Whose price.

    Raises
    ------
    TypeError
        This process has loaded none.
    """
    prices: dict[int, int] = _kept
    return prices[number]


def price_in(prices: dict[int, int], number: int) -> int:
    """Look a price up in a list that travels with the task.

    Parameters
    ----------
    prices
        The whole list.
    number
        Whose price.
    """
    return prices[number]


def load_and_price(rows: int, number: int) -> int:
    """Make the whole price list for a single look.

    Parameters
    ----------
    rows
        How many prices.
    number
        Whose price.
    """
    return load(rows)[number]


def invert(number: int) -> float:
    """Divide 1 by a number.

    Parameters
    ----------
    number
        By what to divide.

    Raises
    ------
    ZeroDivisionError
        For 0.
    """
    return 1 / number


def note_and_invert(number: int) -> float:
    """Put a number into the queue that this process keeps, then divide 1 by it.

    Parameters
    ----------
    number
        By what to divide.

    Raises
    ------
    ZeroDivisionError
        For 0.
    """
    _kept.put(number)
    return invert(number)


def end_worker_at_three(number: int) -> int:
    """Square a number, but end the whole process at 3, as the system does when memory runs out.

    Parameters
    ----------
    number
        What to square.
    """
    if number == 3:
        os._exit(1)  # no exception, no tidying up: the process is gone
    return square(number)


def watch(pool: "Pool", method: str, orders: Sequence[tuple[int, float]]) -> list[Arrival]:
    """Give naps to a method of a pool, one by one, and note when each result comes back.

    Parameters
    ----------
    pool
        An open pool. It naps a little beforehand, so that its workers have started.
    method
        ``"map"``, ``"imap"`` or ``"imap_unordered"``.
    orders
        What ``nap_and_report`` takes.

    Returns
    -------
    list of Arrival
        In the order in which the results came.

    Raises
    ------
    InputError
        It is none of these methods.
    """
    if method not in _METHODS:
        raise unknown_choice("method to watch", method, _METHODS)
    pool.map(nap_and_report, [(0, _WARM_UP_S)] * 4, chunksize=1)
    called_s = time.time()
    return arrivals(
        called_s,
        [(report, time.time()) for report in getattr(pool, method)(nap_and_report, orders, chunksize=1)],
    )


def arrivals(called_s: float, came: Sequence[tuple[Report, float]]) -> list[Arrival]:
    """Put reports and the moments of their coming together.

    Parameters
    ----------
    called_s
        When the naps were given out, by ``time.time()``.
    came
        Each report, and when it came, by the same clock.

    Returns
    -------
    list of Arrival
        In the same order, with workers as small numbers and times that count from the call.
    """
    reports = sorted((report for report, _ in came), key=lambda report: report.began_s)
    crew = list(dict.fromkeys(report.worker for report in reports))
    return [
        Arrival(
            report.task,
            crew.index(report.worker),
            report.began_s - called_s,
            report.ended_s - called_s,
            arrived_s - called_s,
        )
        for report, arrived_s in came
    ]


def times_by_chunk(
    pool: "Pool", task: Callable[[Any], Any], items: Sequence[Any], sizes: Sequence[int], rounds: int = 3
) -> dict[int, list[float]]:
    """Time ``pool.map`` with several chunk sizes: in every round each once, in a new random order.

    Parameters
    ----------
    pool
        An open pool.
    task, items
        What is to be done.
    sizes
        The chunk sizes.
    rounds
        How often each is tried.

    Returns
    -------
    dict
        For each chunk size its times, in seconds, one a round.
    """
    from random import sample  # here, for workers import this module too

    times: dict[int, list[float]] = {size: [] for size in sizes}
    pool.map(
        task, items[: len(sizes)], chunksize=1
    )  # whoever comes first would wait for the workers to import the task
    for _ in range(rounds):
        for size in sample(list(sizes), len(sizes)):
            began_s = time.perf_counter()
            pool.map(task, items, chunksize=size)
            times[size].append(time.perf_counter() - began_s)
    return times


def fastest(times: Mapping[int, Sequence[float]], among: Sequence[int]) -> int:
    """Return the chunk size whose median time is the shortest.

    Parameters
    ----------
    times
        What ``times_by_chunk`` returned.
    among
        The chunk sizes to choose from.
    """
    from statistics import median

    return min(among, key=lambda size: median(times[size]))


def own_chunksize(tasks: int, workers: int) -> int:
    """Return the chunk size that ``Pool.map`` takes when it is given none: about four chunks for each worker.

    Parameters
    ----------
    tasks
        How many items.
    workers
        How many processes the pool has.

    References
    ----------
    CPython, ``Lib/multiprocessing/pool.py``, ``Pool._map_async``. ``starmap`` does the same; ``imap`` and
    ``imap_unordered`` take 1.
    """
    size, rest = divmod(tasks, 4 * workers)
    return size + 1 if rest else size
