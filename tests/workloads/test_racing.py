"""The tasks of the notebook about races: what is lost without a lock, and that nothing is with one."""

import multiprocessing
import subprocess
import sys
import threading
from multiprocessing.context import BaseContext

import pytest

from parlab.errors import InputError
from parlab.workloads import racing
from parlab.workloads.lessons import run_all

WAIT_S = 60.0

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


class Slow:
    """A number whose readers all wait, once they have read, until two have read: so both hold the same."""

    def __init__(self) -> None:
        self._number, self._both = 0, threading.Barrier(2, timeout=WAIT_S)

    @property
    def value(self) -> int:
        number = self._number
        self._both.wait()
        return number

    @value.setter
    def value(self, number: int) -> None:
        self._both.wait()  # nobody reads again before both have written
        self._number = number


@pytest.mark.parametrize("gap_s", [0.0, 1e-6])
def test_who_reads_between_loses_an_addition(gap_s: float) -> None:
    """Both read before either writes, so of each two additions one counts, with a gap or by +=."""
    number = Slow()
    threads = [threading.Thread(target=racing.add, args=(number, 3, gap_s)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert 3 == number._number


def test_with_a_lock_or_own_sums_nothing_is_lost(context: BaseContext) -> None:
    """Every round of these ways ends where it should, with gaps and without; and each process has a time."""
    for gap_s in (0.0, 1e-4):
        found = racing.race(context, racing.WAYS[2:], times=20, gap_s=gap_s, rounds=3)
        assert list(racing.WAYS[2:]) == list(found)
        assert [[40, 40, 40]] * 3 == [one.ends for one in found.values()]
        assert all(2 == len(one.addition_s) and min(one.addition_s) > 0 for one in found.values())


def test_without_a_lock_a_number_ends_somewhere_below() -> None:
    """Never above what was added, and never below 2; where it ends is luck."""
    spawned = multiprocessing.get_context("spawn")
    found = racing.race(spawned, racing.WAYS[:2], times=5, gap_s=0.002, rounds=4)
    assert all(4 == len(one.ends) and set(one.ends) <= set(range(2, 11)) for one in found.values())


def test_one_worker_alone_loses_nothing() -> None:
    """The cost of an addition is measured without a rival, too: then every way is right."""
    found = racing.race(multiprocessing.get_context("spawn"), racing.WAYS, times=50, rounds=2, workers=1)
    assert [[50, 50]] * len(racing.WAYS) == [one.ends for one in found.values()]
    assert all(1 == len(one.addition_s) for one in found.values())


def test_an_unknown_way_is_refused() -> None:
    """With those that there are, before anything starts."""
    with pytest.raises(InputError, match="'Value'.*own sums"):
        racing.race(None, ["Value"], 1)  # type: ignore[arg-type]


def test_a_worker_that_fails_is_an_error() -> None:
    """The others do not wait for it for ever, and the caller is told."""
    context = multiprocessing.get_context("spawn")
    with pytest.raises(InputError, match=r"exit codes \[1\]"):
        racing._run([context.Process(target=racing.add_in_own_place, args=([], 5, 1))])


def test_additions_are_watched(context: BaseContext) -> None:
    """Each worker reads and writes in turn, writes one more than it has read, and times begin with 0 and grow."""
    steps = racing.watch_additions(context, times=2, gap_s=0.001)
    assert 8 == len(steps)
    assert 0.0 == steps[0].when_s
    assert sorted(one.when_s for one in steps) == [one.when_s for one in steps]
    for worker in range(2):
        own = [one for one in steps if one.worker == worker]
        assert ["reads", "writes"] * 2 == [one.step for one in own]
        assert all(wrote.number == read.number + 1 for read, wrote in zip(own[::2], own[1::2], strict=True))


def test_own_places_need_no_lock(context: BaseContext) -> None:
    """Each place holds what its worker has counted."""
    places = context.Array("i", 2, lock=False)
    workers = [context.Process(target=racing.add_in_own_place, args=(places, me, 500 + me)) for me in range(2)]
    assert [0, 0] == run_all(workers, WAIT_S)
    assert [500, 501] == list(places)


def test_workers_load_little() -> None:
    """Workers import this module: what only the parent needs does not come along."""
    modules = "sys, parlab.workloads.racing, parlab.workloads.locking"
    code = f"import {modules}; print({{'random', 'statistics', 'numpy'}} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT_S, check=True)
    assert "set()" == told.stdout.strip()
