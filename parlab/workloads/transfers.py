"""Times what it takes to get an array to another process: pickled through a pipe, or through shared memory.

Started processes import this module, so numpy and the standard library are all that it needs.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any

import numpy as np

from parlab.workloads import guarding

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.pool import Pool

KIB = 1024
SIZES = tuple(KIB * 4**power for power in range(8))  # 1 KiB to 16 MiB
LEGS = ("dumps", "pipe", "loads")
PICKLED, COPIED, THERE = "pickled", "shared, copied in for each task", "shared, already there"
WAYS = (PICKLED, COPIED, THERE)

_WAIT_S = 60.0  # for an answer: a machine that takes this long is lost
_END_S = 10.0
_NO_MORE = b""


def total(array: Any) -> float:
    """Add up all numbers of an array: each is looked at once, which is the least that can be called work.

    Parameters
    ----------
    array
        A numpy array, or what ``numpy.asarray`` takes.
    """
    return float(np.asarray(array).sum(dtype=np.float64))


def legs(context: Any, array: np.ndarray, rounds: int = 3) -> dict[str, list[float]]:
    """Send an array to a child as a pool sends an argument, and time each leg of the journey.

    Parameters
    ----------
    context
        A start method of ``multiprocessing``.
    array
        What travels.
    rounds
        How often; one more, which comes first, is not counted.

    Returns
    -------
    dict
        For each of ``LEGS`` its times, in seconds. ``dumps`` makes bytes of the array, ``pipe`` lasts until the child
        has them all and has said so, and ``loads`` is the child's own time to make an array of them.

    Raises
    ------
    TimeoutError
        The child has not answered within a minute.
    """
    mine, other = context.Pipe()
    child = context.Process(target=_receive, args=(other,), daemon=True)
    child.start()
    other.close()
    times: dict[str, list[float]] = {leg: [] for leg in LEGS}
    try:
        for _ in range(rounds + 1):
            for leg, taken_s in zip(LEGS, _travel(mine, array), strict=True):
                times[leg].append(taken_s)
        mine.send_bytes(_NO_MORE)
        child.join(_END_S)
    finally:
        if child.is_alive():
            child.kill()
            child.join(_END_S)
        mine.close()
    return {leg: taken[1:] for leg, taken in times.items()}


def _travel(mine: "Connection", array: np.ndarray) -> tuple[float, float, float]:
    began_s = time.perf_counter()
    packed = ForkingPickler.dumps(array)
    packed_s = time.perf_counter()
    mine.send_bytes(packed)
    _answer(mine)
    arrived_s = time.perf_counter()
    return packed_s - began_s, arrived_s - packed_s, _answer(mine)


def _answer(mine: "Connection") -> float:
    if not mine.poll(_WAIT_S):
        raise TimeoutError(f"The child has not answered within {_WAIT_S:.0f} seconds. Is the machine very busy?")
    taken_s: float = mine.recv()
    return taken_s


def _receive(other: "Connection") -> None:
    """Take what comes, say that it is here, unpack it, and say how long that took."""
    guarding.end_with_parent()
    while packed := other.recv_bytes():
        other.send(0.0)
        began_s = time.perf_counter()
        ForkingPickler.loads(packed)
        other.send(time.perf_counter() - began_s)


def copies(array: np.ndarray, rounds: int = 3) -> dict[str, list[float]]:
    """Time plain copies of an array within this process, as a measure for what a journey costs.

    Parameters
    ----------
    array
        What is copied.
    rounds
        How often; one more, which comes first, is not counted.

    Returns
    -------
    dict
        ``copy``, and its times in seconds.
    """
    return times_of({"copy": array.copy}, rounds)


def times_by_size(pool: "Pool", sizes: Sequence[int] = SIZES, rounds: int = 5) -> dict[str, dict[int, list[float]]]:
    """Have a pool add up arrays of several sizes, which get there by pickle and by shared memory.

    Parameters
    ----------
    pool
        An open pool.
    sizes
        Of the arrays, in bytes, whole multiples of 8.
    rounds
        How often each is tried, each round in a new random order.

    Returns
    -------
    dict
        For each of ``WAYS`` and each size the times of one task, there and back, in seconds. With ``PICKLED`` the array
        is the argument. With ``COPIED`` a new shared array is made and filled for the task, and removed after it; with
        ``THERE`` the task uses one that exists already.

    Raises
    ------
    multiprocessing.TimeoutError
        A task was not done within a minute.
    """
    from random import sample  # here, for workers import this module too

    times: dict[str, dict[int, list[float]]] = {way: {size: [] for size in sizes} for way in WAYS}
    _measure(pool, sizes[0], {way: [] for way in WAYS})  # who comes first would wait for imports
    for _ in range(rounds):
        for size in sample(list(sizes), len(sizes)):
            _measure(pool, size, {way: times[way][size] for way in WAYS})
    return times


def _measure(pool: "Pool", size: int, times: Mapping[str, list[float]]) -> None:
    from parlab.shared_array import SharedArray

    array = np.ones(size // 8)

    def done(argument: Any) -> None:
        assert pool.apply_async(total, (argument,)).get(_WAIT_S) == len(array)  # noqa: S101  # else a time means nothing

    def shared() -> None:
        with SharedArray.copy_of(array) as made:
            done(made)

    times[PICKLED].append(_time_of(lambda: done(array)))
    times[COPIED].append(_time_of(shared))
    with SharedArray.copy_of(array) as there:
        times[THERE].append(_time_of(lambda: done(there)))


def times_of(calls: Mapping[str, Callable[[], Any]], rounds: int = 3) -> dict[str, list[float]]:
    """Time several calls, one after the other in each round.

    Parameters
    ----------
    calls
        Their names, and what to call without an argument.
    rounds
        How often; one more, which comes first, is not counted.

    Returns
    -------
    dict
        For each name its times, in seconds.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            times[name].append(_time_of(call))
    return {name: taken[1:] for name, taken in times.items()}


def _time_of(call: Callable[[], Any]) -> float:
    began_s = time.perf_counter()
    call()
    return time.perf_counter() - began_s


def medians(times: Mapping[str, Mapping[int, Sequence[float]]]) -> dict[str, dict[int, float]]:
    """Return the median time of each way and size.

    Parameters
    ----------
    times
        What ``times_by_size`` returned.
    """
    from statistics import median

    return {way: {size: median(taken) for size, taken in by_size.items()} for way, by_size in times.items()}


def times_as_long(times: Mapping[str, Mapping[int, Sequence[float]]], one: str = PICKLED, other: str = THERE) -> float:
    """Return how many times as long one way takes as another one, for the largest array.

    Parameters
    ----------
    times
        What ``times_by_size`` returned.
    one, other
        Of ``WAYS``.
    """
    middle = medians(times)
    largest = max(middle[one])
    return middle[one][largest] / middle[other][largest]


def crossing(times: Mapping[str, Mapping[int, Sequence[float]]], way: str = COPIED) -> float | None:
    """Return from which size on an array gets there sooner by shared memory than pickled.

    Parameters
    ----------
    times
        What ``times_by_size`` returned.
    way
        Which of ``WAYS`` is compared with ``PICKLED``.

    Returns
    -------
    float or None
        In bytes: where the two curves cross for the last time, on straight lines in a chart with two logarithmic axes.
        The smallest size that was tried where it was the faster way throughout; None where the largest did not pay.
    """
    from math import exp, log

    middle = medians(times)
    gains = [(size, log(middle[PICKLED][size] / middle[way][size])) for size in sorted(middle[way])]
    before = next((place for place in reversed(range(len(gains))) if gains[place][1] <= 0), None)
    if before is None:
        return float(gains[0][0])
    if before == len(gains) - 1:
        return None
    (low, loss), (high, gain) = gains[before], gains[before + 1]
    return exp(log(low) + log(high / low) * -loss / (gain - loss))


def nearest(size: float | None, among: Sequence[float]) -> float:
    """Return the size that is nearest to another one, counted in factors.

    Parameters
    ----------
    size
        None stands for "larger than all of them".
    among
        Sizes to choose from.
    """
    from math import log

    return max(among) if size is None else min(among, key=lambda one: abs(log(one / size)))
