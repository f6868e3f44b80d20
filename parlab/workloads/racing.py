"""Tasks for the notebook about races: processes that add to one shared number, each in a way of its own.

An addition reads, adds and writes. How often another process comes between reading and writing is a matter of luck, so
a task here can wait between the two: the window is opened wider, and everything else stays as it is. They keep to the
standard library, because workers import them.
"""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from parlab.errors import InputError, unknown_choice
from parlab.workloads.lessons import run_all

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

    Context = ForkServerContext | SpawnContext

WAIT_S = 60.0  # the longest that a worker waits for the others; then all end with an error
WORKERS = 2


class Number(Protocol):
    """A shared number: a ``Value`` or a ``RawValue``."""

    value: int


class Shared(NamedTuple):
    """What the workers of a race share.

    Attributes
    ----------
    bare, guarded
        The number twice: a ``RawValue``, which has no lock, and a ``Value``, which brings one.
    lock
        A lock on its own.
    """

    bare: Any
    guarded: Any
    lock: Any


class Raced(NamedTuple):
    """What became of one way to add.

    Attributes
    ----------
    ends
        Where the number stood after each round; as many additions as there were would be right.
    addition_s
        For each process how long one addition took it: the median of its rounds.
    """

    ends: list[int]
    addition_s: list[float]


class Addition(NamedTuple):
    """What one worker did to the shared number, and when.

    Attributes
    ----------
    when_s
        Counts from the first step of all.
    worker
        0 or 1.
    step
        ``"reads"`` or ``"writes"``.
    number
        What it has read or written.
    """

    when_s: float
    worker: int
    step: str
    number: int


def add(number: Number, times: int, gap_s: float = 0.0) -> None:
    """Add 1 to a shared number again and again, without any lock.

    Parameters
    ----------
    number
        The number.
    times
        How often.
    gap_s
        How long to wait, at most, before reading and again between reading and writing; each time another time, drawn
        by chance. Without waits this is ``number.value += 1``.
    """
    for _ in range(times):
        if gap_s:
            _wait(gap_s)
            seen = number.value
            _wait(gap_s)
            number.value = seen + 1
        else:
            number.value += 1


def _wait(gap_s: float) -> None:
    from random import uniform

    time.sleep(uniform(0, gap_s))  # noqa: S311  # no secret


def add_locked(number: Number, lock: Any, times: int, gap_s: float = 0.0) -> None:
    """Add 1 again and again, and hold a lock during each addition.

    Parameters
    ----------
    number, times, gap_s
        As ``add`` has them.
    lock
        One that all workers share.
    """
    for _ in range(times):
        with lock:
            add(number, 1, gap_s)


def add_own_sum(number: Number, lock: Any, times: int, gap_s: float = 0.0) -> None:
    """Count in a variable of this process, and add the sum to the shared number once, at the end.

    Parameters
    ----------
    number, lock, times, gap_s
        As ``add_locked`` has them; the wait comes in each of the additions, which nobody else sees.
    """
    own = 0
    for _ in range(times):
        if gap_s:
            _wait(2 * gap_s)
        own += 1
    with lock:
        number.value += own


def add_in_own_place(places: Any, place: int, times: int) -> None:
    """Count in one place of a shared array; whoever has another place needs no lock.

    Parameters
    ----------
    places
        An ``Array``.
    place
        The worker's own.
    times
        How often to add 1.
    """
    for _ in range(times):
        places[place] += 1


def _bare(shared: Shared, times: int, gap_s: float) -> None:
    add(shared.bare, times, gap_s)


def _guarded(shared: Shared, times: int, gap_s: float) -> None:
    add(shared.guarded, times, gap_s)


def _lock_of_value(shared: Shared, times: int, gap_s: float) -> None:
    add_locked(shared.guarded, shared.guarded.get_lock(), times, gap_s)


def _lock(shared: Shared, times: int, gap_s: float) -> None:
    add_locked(shared.bare, shared.lock, times, gap_s)


def _own_sum(shared: Shared, times: int, gap_s: float) -> None:
    add_own_sum(shared.bare, shared.lock, times, gap_s)


_Way = Callable[[Shared, int, float], None]
_WAYS: dict[str, _Way] = {
    "RawValue, +=": _bare,
    "Value, +=": _guarded,
    "Value, with get_lock()": _lock_of_value,
    "RawValue, with Lock": _lock,
    "own sums": _own_sum,
}
WAYS = tuple(_WAYS)


def race(
    context: "Context", ways: Sequence[str], times: int, gap_s: float = 0.0, rounds: int = 1, workers: int = WORKERS
) -> dict[str, Raced]:
    """Let processes add to one shared number, all at once, in several rounds that begin with 0.

    Parameters
    ----------
    context
        Of ``multiprocessing``.
    ways
        Some of ``WAYS``, one after the other.
    times
        How often each process adds 1 in a round.
    gap_s
        How long each waits before reading and before writing, at most.
    rounds
        How many rounds each way gets.
    workers
        How many processes.

    Returns
    -------
    dict
        What was found, by the name of the way.

    Raises
    ------
    InputError
        There is no such way, or a worker has not ended well.
    """
    for way in ways:
        if way not in _WAYS:
            raise unknown_choice("way to add", way, WAYS)
    shared = Shared(context.RawValue("i", 0), context.Value("i", 0), context.Lock())
    barrier, queue = context.Barrier(workers), context.SimpleQueue()
    plan = (tuple(ways), times, gap_s, rounds)
    _run([context.Process(target=_race, args=(shared, barrier, queue, plan)) for _ in range(workers)])
    found = [queue.get() for _ in range(workers)]
    return {
        way: Raced(found[0][place][0], [seen[place][1] / times for seen in found]) for place, way in enumerate(ways)
    }


def _race(shared: Shared, barrier: Any, queue: Any, plan: tuple[tuple[str, ...], int, float, int]) -> None:
    from statistics import median

    ways, times, gap_s, rounds = plan
    found = []
    for way in ways:
        ends, taken = [], []
        for _ in range(rounds):
            barrier.wait(WAIT_S)  # all begin together, also when one of the processes came later
            began_s = time.perf_counter()
            _WAYS[way](shared, times, gap_s)
            taken.append(time.perf_counter() - began_s)
            barrier.wait(WAIT_S)
            ends.append(shared.bare.value + shared.guarded.value)  # the one that is not used is 0
            barrier.wait(WAIT_S)  # nobody clears it before all have seen it
            shared.bare.value = shared.guarded.value = 0
        found.append((ends, median(taken)))
    queue.put(found)


def watch_additions(context: "Context", times: int = 2, gap_s: float = 0.02) -> list[Addition]:
    """Let two processes add to one number without a lock, and note every reading and writing.

    Parameters
    ----------
    context
        Of ``multiprocessing``.
    times
        How often each adds 1.
    gap_s
        How long each waits between reading and writing, and again before the next addition.

    Returns
    -------
    list of Addition
        In the order of time, by a clock that all processes share.

    Raises
    ------
    InputError
        A worker has not ended well.
    """
    number, barrier, queue = context.Value("i", 0), context.Barrier(WORKERS), context.SimpleQueue()
    _run(
        [
            context.Process(target=_add_and_note, args=(me, number, barrier, queue, times, gap_s))
            for me in range(WORKERS)
        ]
    )
    noted = sorted(one for _ in range(WORKERS) for one in queue.get())
    first_s = noted[0][0]
    return [Addition(when_s - first_s, *rest) for when_s, *rest in noted]


def _add_and_note(me: int, number: Number, barrier: Any, queue: Any, times: int, gap_s: float) -> None:
    noted = []
    barrier.wait(WAIT_S)
    for _ in range(times):
        seen = number.value
        noted.append((time.perf_counter(), me, "reads", seen))
        time.sleep(gap_s)
        number.value = seen + 1
        noted.append((time.perf_counter(), me, "writes", seen + 1))
        time.sleep(gap_s)
    queue.put(noted)


def _run(processes: Sequence[Any]) -> None:
    codes = run_all(processes, WAIT_S)
    if any(codes):
        message = f"A worker has not ended well: exit codes {codes}."
        raise InputError(f"{message} Give fewer rounds or additions, or try again when the machine is less busy.")
