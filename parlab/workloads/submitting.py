"""Tasks for the notebook about futures, and what follows a future from outside, from its submission to its end.

They keep to the standard library, so that a worker starts fast. No workload is here, and no executor is opened.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from parlab.errors import unknown_choice
from parlab.workloads.sharing import Arrival, Report, arrivals, nap_and_report

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_WAYS = ("map", "as_completed")
_WARM_UP_S = 0.05
_LOOK_S = 0.001
_WAIT_S = 60.0  # far more than all naps together


class Life(NamedTuple):
    """What became of one future; all times count from the first submission, in seconds."""

    task: int
    submitted_s: float
    running_s: float | None  # when running() first said True; None for one that was cancelled
    began_s: float | None  # when its task began in a worker
    ended_s: float | None
    done_s: float  # when done() said True
    cancelled: bool


def late_square(number: int, seconds: float) -> int:
    """Sleep, then square a number.

    Parameters
    ----------
    number
        What to square.
    seconds
        How long to sleep.
    """
    time.sleep(seconds)
    return number * number


def watch(executor: "Executor", way: str, orders: Sequence[tuple[int, float]]) -> list[Arrival]:
    """Give naps to an executor, and note when each result comes back.

    Parameters
    ----------
    executor
        An open one. It naps a little beforehand, so that its workers have started.
    way
        ``"map"``, or ``"as_completed"``: each nap is submitted, and results are taken as they come.
    orders
        What ``parlab.workloads.sharing.nap_and_report`` takes.

    Returns
    -------
    list of Arrival
        In the order in which the results came.

    Raises
    ------
    InputError
        It is neither of these ways.
    """
    if way not in _WAYS:
        raise unknown_choice("way to watch", way, _WAYS)
    _warm_up(executor)
    called_s = time.time()
    came = _mapped(executor, orders) if way == "map" else _completed(executor, orders)
    return arrivals(called_s, [(report, time.time()) for report in came])


def _mapped(executor: "Executor", orders: Sequence[tuple[int, float]]) -> Iterator[Report]:
    return executor.map(nap_and_report, orders, timeout=_WAIT_S)


def _completed(executor: "Executor", orders: Sequence[tuple[int, float]]) -> Iterator[Report]:
    from concurrent.futures import as_completed  # here, for workers import this module too

    futures = [executor.submit(nap_and_report, order) for order in orders]
    for future in as_completed(futures, timeout=_WAIT_S):
        yield future.result()


def follow(executor: "Executor", orders: Sequence[tuple[int, float]], *, cancel: bool = False) -> list[Life]:
    """Submit naps, and look again and again what their futures say of themselves.

    Parameters
    ----------
    executor
        An open one, of processes or threads. It naps a little beforehand, so that its workers have started.
    orders
        What ``parlab.workloads.sharing.nap_and_report`` takes.
    cancel
        Have a callback call ``cancel()`` on every future as soon as the first one is done.

    Returns
    -------
    list of Life
        In the order of submission.

    Raises
    ------
    TimeoutError
        They were not done after a minute.
    """
    _warm_up(executor)
    followed = _Followed(cancel=cancel)
    for order in orders:
        followed.submit(executor, order)
    followed.all_submitted()
    until_s = time.monotonic() + _WAIT_S
    while not followed.look():
        if time.monotonic() > until_s:
            raise TimeoutError(f"The naps were not over after {_WAIT_S:g} s. Is the machine busy? Try again.")
        time.sleep(_LOOK_S)
    return followed.lives()


class _Watched:
    """One future that is being followed."""

    def __init__(self, executor: "Executor", order: tuple[int, float]) -> None:
        self.task, self.submitted_s = order[0], time.time()
        self.running_s: float | None = None
        self.done_s: float | None = None
        self.future: Future[Report] = executor.submit(nap_and_report, order)

    def look(self) -> bool:
        """Note whether it is running now; tell whether it has ended."""
        if self.running_s is None and self.future.running():
            self.running_s = time.time()
        return self.done_s is not None

    def life(self, first_s: float) -> Life:
        """Return what became of it, with times since the first submission."""
        submitted_s, done_s = self.submitted_s - first_s, (self.done_s or time.time())
        if self.future.cancelled():
            return Life(self.task, submitted_s, None, None, None, done_s - first_s, cancelled=True)
        report = self.future.result(_WAIT_S)
        running_s = min(self.running_s or report.began_s, report.began_s)  # we looked too late
        return Life(
            self.task,
            submitted_s,
            running_s - first_s,
            report.began_s - first_s,
            report.ended_s - first_s,
            max(done_s, report.ended_s) - first_s,
            cancelled=False,
        )


class _Followed:
    """All futures that are being followed. Callbacks note their ends, and cancel at the very first one."""

    def __init__(self, *, cancel: bool) -> None:
        self._all: list[_Watched] = []
        self._cancel, self._complete = cancel, False

    def submit(self, executor: "Executor", order: tuple[int, float]) -> None:
        """Submit one nap, and follow it from now on."""
        watched = _Watched(executor, order)
        self._all.append(watched)
        watched.future.add_done_callback(lambda _: self._ended(watched))

    def all_submitted(self) -> None:
        """Say that no more will come: from now on the first end cancels; one may have come already."""
        self._complete = True
        if any(one.future.done() for one in self._all):
            self._cancel_pending()

    def look(self) -> bool:
        """Note which are running now; tell whether all have ended."""
        ended = [one.look() for one in self._all]  # all are to look, also behind one that has not ended
        return all(ended)

    def lives(self) -> list[Life]:
        """Return what became of all, in the order of submission."""
        return [one.life(self._all[0].submitted_s) for one in self._all]

    def _ended(self, watched: _Watched) -> None:
        watched.done_s = time.time()
        if self._complete:
            self._cancel_pending()

    def _cancel_pending(self) -> None:
        if self._cancel:
            self._cancel = False  # a cancelled one calls back, too
            for one in self._all:
                one.future.cancel()


def _warm_up(executor: "Executor") -> None:
    list(executor.map(nap_and_report, [(0, _WARM_UP_S)] * 4, timeout=_WAIT_S))


def worker_traceback(error: BaseException) -> str:
    """Return the worker's own traceback, which travels with an exception as its cause.

    Parameters
    ----------
    error
        What ``Future.exception()`` returned, or ``Future.result()`` raised.

    Returns
    -------
    str
        With the names of files instead of their whole paths; empty where no traceback has travelled.
    """
    lines = [line for line in str(error.__cause__ or "").splitlines() if line.strip('"~^ ')]
    return "\n".join(map(_shortened, lines))


def _shortened(line: str) -> str:
    start, quote, rest = line.partition('File "')
    path, end, place = rest.partition('"')
    return f"{start}{quote}{PurePath(path).name}{end}{place}" if quote else line
