"""Tasks for the notebook about races: workers at a lock or a semaphore, and payments that need two locks at once.

They keep to the standard library, because workers import them.
"""

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

Payment = tuple[int, int, int]  # source, target, amount

_WARM_UP_S = 0.05

_gates: dict[str, Any] = {}  # what this worker was given at its start: locks cannot travel with a task


class Visit(NamedTuple):
    """One task that works outside of a gate first, then waits for it, and works inside.

    Attributes
    ----------
    worker
        The first one that began is 0.
    began_s, asked_s, got_s, left_s
        When it began, asked to be let in, got in, and left; all count from the call.
    """

    worker: int
    began_s: float
    asked_s: float
    got_s: float
    left_s: float


def keep_gates(**gates: Any) -> None:
    """Keep locks and semaphores in this process; made to be a pool's initializer.

    Parameters
    ----------
    **gates
        Each with its name.
    """
    _gates.update(gates)


def keep_lock_and_semaphore(lock: Any, semaphore: Any) -> None:
    """Keep one of each under the names ``"lock"`` and ``"semaphore"``; made to be a pool's initializer.

    Parameters
    ----------
    lock, semaphore
        What the pool's workers share.
    """
    keep_gates(lock=lock, semaphore=semaphore)


def visit(order: tuple[str, float, float]) -> Visit:
    """Work outside of a gate, then inside; naps stand for the work, so that it takes as long on any number of cores.

    Parameters
    ----------
    order
        ``(gate, outside_s, inside_s)``: a name that ``keep_gates`` has got, and two durations.

    Returns
    -------
    Visit
        With the number of this process, and times of ``time.perf_counter()``, a clock that all processes share.
    """
    gate, outside_s, inside_s = order
    began_s = time.perf_counter()
    time.sleep(outside_s)
    asked_s = time.perf_counter()
    with _gates[gate]:
        got_s = time.perf_counter()
        time.sleep(inside_s)
        left_s = time.perf_counter()
    return Visit(os.getpid(), began_s, asked_s, got_s, left_s)


def visits(pool: "Pool", gate: str, tasks: int, outside_s: float, inside_s: float) -> list[Visit]:
    """Have a pool do tasks that all pass the same gate.

    Parameters
    ----------
    pool
        One whose workers have kept the gate. It naps a little beforehand, so that they have started.
    gate
        Its name.
    tasks
        How many.
    outside_s, inside_s
        How long each works outside and inside.

    Returns
    -------
    list of Visit
        In the order in which they began.
    """
    pool.map(time.sleep, [_WARM_UP_S] * 4, chunksize=1)
    called_s = time.perf_counter()
    made = sorted(pool.map(visit, [(gate, outside_s, inside_s)] * tasks, chunksize=1), key=lambda one: one.began_s)
    crew = list(dict.fromkeys(one.worker for one in made))
    return [Visit(crew.index(one.worker), *(moment_s - called_s for moment_s in one[1:])) for one in made]


def took_s(made: Sequence[Visit]) -> float:
    """Return the time from the first beginning to the last end, in seconds.

    Parameters
    ----------
    made
        What ``visits`` returned.
    """
    return max(one.left_s for one in made) - min(one.began_s for one in made)


def work_s(made: Sequence[Visit]) -> float:
    """Return how long all have worked together, in seconds: what one worker would take, who never has to wait.

    Parameters
    ----------
    made
        What ``visits`` returned.
    """
    return sum(one.asked_s - one.began_s + one.left_s - one.got_s for one in made)


def most_inside(made: Sequence[Visit]) -> int:
    """Return how many were inside at once, at most.

    Parameters
    ----------
    made
        What ``visits`` returned.
    """
    moves = sorted([(one.got_s, 1) for one in made] + [(one.left_s, -1) for one in made])
    inside = most = 0
    for _, move in moves:
        inside += move
        most = max(most, inside)
    return most


def pay(accounts: Any, locks: Sequence[Any], payment: Payment, pause: Any = None) -> None:
    """Move money, and hold the locks of both accounts meanwhile: first that of the source, then that of the target.

    Parameters
    ----------
    accounts
        A shared array of balances.
    locks
        One for each account.
    payment
        ``(source, target, amount)``; the first two are places in the array.
    pause
        A ``Barrier`` of two, made with a timeout: whoever has the first lock waits there for the other one to have a
        first lock as well, as long as it allows. None: nobody waits.
    """
    source, target, _ = payment
    with locks[source]:
        _wait_at(pause)
        with locks[target]:
            _move(accounts, payment)


def pay_in_order(accounts: Any, locks: Sequence[Any], payment: Payment, pause: Any = None) -> None:
    """Move money, and take the lock of the account with the lower number first, whoever pays.

    Parameters
    ----------
    accounts, locks, payment, pause
        As ``pay`` has them.
    """
    first, second = sorted(payment[:2])
    with locks[first]:
        _wait_at(pause)
        with locks[second]:
            _move(accounts, payment)


def pay_or_retry(accounts: Any, locks: Sequence[Any], payment: Payment, pause: Any = None) -> None:
    """Move money; if the second lock does not come soon, give the first one back and begin again.

    Parameters
    ----------
    accounts, locks, payment, pause
        As ``pay`` has them.
    """
    source, target, _ = payment
    paid = False
    while not paid:
        with locks[source]:
            _wait_at(pause)
            if locks[target].acquire(timeout=_some_s()):
                _move(accounts, payment)
                locks[target].release()
                paid = True
        time.sleep(_some_s())  # now the other one can have both


def pay_with_one_lock(accounts: Any, locks: Sequence[Any], payment: Payment, pause: Any = None) -> None:
    """Move money under one lock for all accounts: the first of them.

    Parameters
    ----------
    accounts, locks, payment, pause
        As ``pay`` has them.
    """
    with locks[0]:
        _wait_at(pause)
        _move(accounts, payment)


def _move(accounts: Any, payment: Payment) -> None:
    source, target, amount = payment
    accounts[source] -= amount
    accounts[target] += amount


def _some_s() -> float:
    """Return how long to try, or to stay away: never twice the same, or both would give up and come back together."""
    from random import uniform

    return uniform(0.02, 0.1)  # noqa: S311  # no secret


def _wait_at(pause: Any) -> None:
    if pause is not None:
        with suppress(threading.BrokenBarrierError):  # nobody came in time
            pause.wait()


def hold_and_end(lock: Any) -> None:
    """Take a lock, and end this process while it holds it, as the system does when memory runs out.

    Parameters
    ----------
    lock
        A lock that others share.
    """
    with lock:
        os._exit(1)  # no exception, no tidying up: the with block never ends
