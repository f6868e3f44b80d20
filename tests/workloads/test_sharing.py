"""The tasks of the notebook about pools, and what watches a pool, under every start method of this system."""

import math
import multiprocessing
import os
import subprocess
import sys
from multiprocessing.context import BaseContext
from multiprocessing.pool import ThreadPool
from threading import Event

import pytest

from parlab.errors import InputError
from parlab.workloads import lessons, sharing

GET_S = 60.0
NAPS = [(0, 0.0), (1, 0.0), (2, 0.0)]

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


def done(context: BaseContext, task, items, *once) -> list:
    """The results of a pool of two workers, one chunk a task."""
    with context.Pool(2, *once) as pool:
        return pool.map_async(task, items, chunksize=1).get(GET_S)


def test_a_nap_reports_who_and_when(context: BaseContext) -> None:
    """A report carries its number, a process that is not the parent, and a beginning and an end in this order."""
    reports = done(context, sharing.nap_and_report, NAPS)
    assert [0, 1, 2] == [one.task for one in reports]
    assert os.getpid() not in {one.worker for one in reports}
    assert all(one.began_s <= one.ended_s for one in reports)


def test_what_a_worker_loads_stays_with_it(context: BaseContext) -> None:
    """An initializer's list answers all later tasks of the worker, and the parent keeps none of it."""
    sharing.keep(None)
    assert [5, 0, 96] == done(context, sharing.price, [5, 97, 96], sharing.load, (98,))
    with pytest.raises(TypeError):
        sharing.price(5)


def test_all_ways_to_the_list_give_the_same_price() -> None:
    """Loaded before, loaded for the task, or brought along: the price is the same."""
    prices = sharing.load(200)
    assert {3} == {sharing.price(100), sharing.price_in(prices, 100), sharing.load_and_price(200, 100)}
    sharing.keep(None)


@pytest.mark.parametrize(("chunksize", "begun"), [(1, [0, 1, 2, 3, 4, 5]), (3, [0, 3, 4, 5])])
def test_a_failed_task_ends_its_chunk(context: BaseContext, chunksize: int, begun: list[int]) -> None:
    """As the notebook says of map: it raises when all chunks are done, and in a chunk nothing follows the failure."""
    queue = context.SimpleQueue()
    with context.Pool(2, sharing.keep, (queue,)) as pool:
        with pytest.raises(ZeroDivisionError):
            pool.map_async(sharing.note_and_invert, range(6), chunksize).get(GET_S)
        assert begun == sorted(lessons.received(queue))


def test_imap_goes_on_after_a_failure(context: BaseContext) -> None:
    """As the notebook says of imap: the error is raised at its item, and the results behind it come."""
    with context.Pool(2) as pool:
        results = pool.imap(sharing.invert, [1, 0, 2])
        assert 1.0 == results.next(GET_S)
        with pytest.raises(ZeroDivisionError):
            results.next(GET_S)
        assert 0.5 == results.next(GET_S)


def test_a_worker_ends_at_three_and_at_nothing_else(context: BaseContext) -> None:
    """3 ends the process without a word, other numbers are squared."""
    assert [1, 4, 16] == [sharing.end_worker_at_three(number) for number in (1, 2, 4)]
    child = context.Process(target=sharing.end_worker_at_three, args=(3,))
    assert [1] == lessons.run_all([child], GET_S)


@pytest.mark.parametrize("method", ["map", "imap", "imap_unordered"])
def test_results_are_watched(context: BaseContext, method: str) -> None:
    """Every task arrives once, after it has ended, and no earlier than the result before; workers count from 0."""
    with context.Pool(2) as pool:
        came = sharing.watch(pool, method, NAPS)
    assert [0, 1, 2] == sorted(one.task for one in came)
    assert all(0 <= one.began_s <= one.ended_s <= one.arrived_s for one in came)
    assert sorted(one.arrived_s for one in came) == [one.arrived_s for one in came]
    assert 0 == min(came, key=lambda one: one.began_s).worker
    if method != "imap_unordered":
        assert [0, 1, 2] == [one.task for one in came]


def test_a_slow_task_holds_up_no_other() -> None:
    """With imap_unordered, what has ended arrives while a task is still running that waits for it to arrive."""
    arrived = Event()

    def task(number: int) -> int:
        if number == 0:
            assert arrived.wait(GET_S)
        return number

    with ThreadPool(2) as pool:
        results = pool.imap_unordered(task, [0, 1])
        assert 1 == results.next(GET_S)
        arrived.set()
        assert 0 == results.next(GET_S)


def test_another_method_is_refused() -> None:
    """A name that is no method to watch is refused with those that are, before anything runs."""
    with pytest.raises(InputError, match="'apply'.*imap_unordered"):
        sharing.watch(None, "apply", NAPS)  # type: ignore[arg-type]


class Recorded:
    """A pool that writes down which chunk sizes it is given."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def map(self, task, items, chunksize):
        self.calls.append((len(items), chunksize))


def test_every_chunk_size_is_tried_once_a_round() -> None:
    """Each round has every size once, on all items; the times stand by size, in the order given."""
    pool = Recorded()
    times = sharing.times_by_chunk(pool, sharing.square, range(50), [4, 1, 2], rounds=2)  # type: ignore[arg-type]
    assert [4, 1, 2] == list(times)
    assert [2, 2, 2] == [len(taken) for taken in times.values()]
    _, *rounds = pool.calls  # the first only wakes the workers
    assert {50} == {count for count, _ in rounds}
    assert [[1, 2, 4], [1, 2, 4]] == [sorted(size for _, size in rounds[start : start + 3]) for start in (0, 3)]


def test_the_fastest_has_the_shortest_median() -> None:
    """One lucky round makes no size the fastest, and one that is not among the choices does not count."""
    times = {1: [9.0, 0.1, 9.0], 10: [2.0, 2.0, 2.0], 50: [1.0, 1.0, 1.0]}
    assert 10 == sharing.fastest(times, [1, 10])


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_pools_own_chunk_size(workers: int) -> None:
    """The number is the one that this Python's Pool.map takes, and about four chunks a worker."""
    with ThreadPool(workers) as pool:
        for tasks in (1, 7, 8, 9, 40, 41, 2000):
            taken = pool.map_async(abs, range(tasks))
            assert taken._chunksize == sharing.own_chunksize(tasks, workers)
            assert math.ceil(tasks / taken._chunksize) <= 4 * workers


def test_workers_load_little() -> None:
    """Workers import this module: neither random nor statistics, which only the parent needs, comes along."""
    code = "import sys, parlab.workloads.sharing; print({'random', 'statistics', 'parlab.plots'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=GET_S, check=True)
    assert "set()" == told.stdout.strip()
