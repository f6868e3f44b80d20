"""One behaviour for every engine. A new backend is tested here unasked: the suite runs over the registry."""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager

import psutil
import pytest
import tasks

from parlab import backends
from parlab.backends.base import Backend, assemble, on_every_worker
from parlab.backends.delivery import deliver

START_METHODS = [
    f"{name}:{method}"
    for name in ("processes", "pool")
    for method in ("fork", "forkserver", "spawn")
    if method in multiprocessing.get_all_start_methods()
]
SPECS = [*backends.names(), *START_METHODS]
WIDE = [spec for spec in SPECS if spec != "serial"]
FACTS = {spec: backends.get(spec).facts for spec in SPECS}
ENDED_BY_FORCE = [
    spec for spec in WIDE if not (FACTS[spec].shares_process or FACTS[spec].launched)
]  # others end with the trial
FORK_WARNINGS = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded.*fork.*:DeprecationWarning"
)  # opt-in fork, from pytest's threads
pytestmark = FORK_WARNINGS
BOUND_S, HOUR_S = 60, 3_600


SHARED = ("dask",)  # a cluster takes seconds to start: tests that end nothing share one for each number of workers
_shared: dict[tuple[str, int], Executor] = {}
_theirs: set[int] = set()  # the processes of what is shared
_until_the_end = ExitStack()


class Lent:
    """A backend whose workers are started once and lent to several tests."""

    def __init__(self, spec: str) -> None:
        self.spec, self.backend = spec, backends.get(spec)
        self.facts = self.backend.facts

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        key = self.spec, workers
        if key not in _shared:
            _shared[key] = _until_the_end.enter_context(self.backend.open(workers))
            assemble(_shared[key], workers)
            _theirs.update(child.pid for child in psutil.Process().children())
        yield _shared[key]


@pytest.fixture(scope="module", autouse=True)
def _what_is_shared_ends():
    yield
    _until_the_end.close()


def ready(spec: str, *, own: bool = False) -> Backend | Lent:
    backend = backends.get(spec)
    reason = backend.availability()
    if reason is not None:
        pytest.skip(reason)
    if backend.facts.launched and not {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"} & set(os.environ):
        pytest.skip("runs in a process that mpiexec has started: test_mpi.py does so with this suite")
    return Lent(spec) if spec in SHARED and not own else backend


def width(spec: str, wanted: int = 2) -> int:
    """Say how many workers a test can have: the plain loop is one, and a job of mpiexec has a fixed number."""
    return 1 if spec == "serial" else 2 if FACTS[spec].launched else wanted


@pytest.fixture(autouse=True)
def _nothing_left():
    """After each test no new worker is alive; forkserver and resource tracker live as long as this process."""
    before = {child.pid for child in psutil.Process().children()}
    yield
    deadline = time.monotonic() + BOUND_S
    while (
        left := [one for one in psutil.Process().children() if one.pid not in before | _theirs and _is_worker(one)]
    ) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [] == left


def _is_worker(child: psutil.Process) -> bool:
    try:
        line = " ".join(child.cmdline())
        return child.status() != psutil.STATUS_ZOMBIE and not any(
            mark in line for mark in ("forkserver", "resource_tracker", "semaphore_tracker")
        )
    except psutil.NoSuchProcess:  # or a zombie, which has no command line
        return False


@pytest.mark.parametrize("spec", SPECS)
def test_map_keeps_the_order(spec: str) -> None:
    """Values come back in the order of the items."""
    with ready(spec).open(width(spec)) as executor:
        assert [0, 2, 4, 6, 8, 10, 12] == list(executor.map(tasks.double, range(7)))


@pytest.mark.parametrize("spec", SPECS)
def test_map_takes_chunks(spec: str) -> None:
    """A chunk size changes how tasks travel, not what comes back."""
    with ready(spec).open(width(spec)) as executor:
        assert list(range(0, 20, 2)) == list(executor.map(tasks.double, range(10), chunksize=4))


@pytest.mark.parametrize("spec", SPECS)
def test_a_task_may_use_its_module(spec: str) -> None:
    """What stands in the task's module is found by the task, also inside a generator expression."""
    with ready(spec).open(width(spec)) as executor:
        assert [0, 0, 2, 6] == list(executor.map(tasks.sum_of_doubles, range(4)))
        assert [12] == [one.result for one in deliver(executor, tasks.sum_of_doubles, [4])]


@pytest.mark.parametrize("spec", SPECS)
def test_every_worker_answers_before_open_is_over(spec: str) -> None:
    """After ``assemble`` as many different workers are known as were asked for."""
    workers = width(spec, 3)
    with ready(spec).open(workers) as executor:
        crew = assemble(executor, workers)
    assert workers == len({(one.host, one.process, one.thread) for one in crew})


@pytest.mark.parametrize("spec", WIDE)
def test_an_errand_reaches_every_worker(spec: str) -> None:
    """``on_every_worker`` runs once on each, also a second time."""
    with ready(spec).open(2) as executor:
        assemble(executor, 2)
        for _ in range(2):
            answers = on_every_worker(executor, 2, tasks.who, None)
            assert 2 == len({answer.result for answer in answers})


@pytest.mark.parametrize("spec", SPECS)
def test_facts_about_processes_are_true(spec: str) -> None:
    """Workers live in the parent's process exactly where the facts say so; the loop is one with it anyway."""
    backend = ready(spec)
    with backend.open(width(spec)) as executor:
        process, _ = executor.submit(tasks.who, None).result()
    assert (backend.facts.shares_process or spec == "serial") == (process == os.getpid())


@pytest.mark.parametrize("spec", SPECS)
def test_facts_about_memory_are_true(spec: str) -> None:
    """What a worker does to a list is seen by the parent exactly where the facts say so."""
    backend = ready(spec)
    shared: list[int] = []
    with backend.open(width(spec)) as executor:
        assert 1 == executor.submit(tasks.append_one, shared).result()
    assert backend.facts.shares_memory == (shared == [1])


@pytest.mark.parametrize("spec", SPECS)
def test_facts_about_functions_are_true(spec: str) -> None:
    """A function of a closure runs exactly where the facts say that tasks need not be importable."""
    backend = ready(spec)
    if backend.facts.needs_importable_task:
        with (
            pytest.raises((AttributeError, Exception), match="(?i)pickle|local|cross-interpreter"),
            backend.open(width(spec, 1)) as executor,
        ):
            executor.submit(tasks.outer(), 1).result()
    else:
        with backend.open(1) as executor:
            assert 1 == executor.submit(tasks.outer(), 1).result()


@pytest.mark.parametrize("spec", backends.names())
def test_facts_about_lost_workers_are_true(spec: str) -> None:
    """A killed worker is told of exactly where the facts say so; what shares the process would take it along."""
    backend = ready(spec)
    if backend.facts.shares_process or spec == "serial":
        assert backend.facts.lost_worker == "ends all"
    if backend.facts.lost_worker not in ("is silent", "is told"):
        return
    with pytest.raises(_Enough), backend.open(2) as executor:
        assemble(executor, 2)
        lost = executor.submit(tasks.kill_own_worker, 3)
        if backend.facts.lost_worker == "is told":
            assert lost.exception(timeout=BOUND_S) is not None
        else:  # somebody else works on, and long after that task has begun its result is still not there
            assert [2, 4, 6, 8] == [executor.submit(tasks.double, number).result(BOUND_S) for number in range(1, 5)]
            assert not lost.done()
        raise _Enough


class _Enough(Exception):  # noqa: N818  # no error: it leaves a block whose pool would wait for what never comes
    pass


@pytest.mark.parametrize("spec", SPECS)
def test_deliveries_are_complete(spec: str) -> None:
    """Every message comes back once, with its result, handed over before it was received."""
    with ready(spec).open(width(spec)) as executor:
        deliveries = sorted(deliver(executor, tasks.double, list(range(9))))
    assert [(number, 2 * number) for number in range(9)] == [(one.number, one.result) for one in deliveries]
    assert all(one.submitted_s <= one.received_s for one in deliveries)


@pytest.mark.parametrize("spec", SPECS)
def test_an_exception_belongs_to_its_message(spec: str) -> None:
    """One failing message is reported as such, and the others arrive."""
    with ready(spec).open(width(spec)) as executor:
        deliveries = {one.number: one for one in deliver(executor, tasks.refuse_three, list(range(6)))}
    assert {3} == {number for number, one in deliveries.items() if one.error is not None}
    assert isinstance(deliveries[3].error, ValueError)


@pytest.mark.parametrize("spec", [spec for spec in WIDE if not FACTS[spec].shares_memory])
def test_an_unpicklable_result_is_one_bad_message(spec: str) -> None:
    """A result that cannot travel is an error of its message; a pickler that carries any function carries it, too."""
    with ready(spec).open(2) as executor:
        (delivery,) = deliver(executor, tasks.unpicklable_result, [1])
    assert (delivery.error is None) is not FACTS[spec].needs_importable_task


def test_two_lost_messages_of_a_pool_are_not_mixed_up() -> None:
    """The bare pool does not say which error belongs to which message, so the text names both."""
    with ready("pool").open(2) as executor:
        texts = {str(one.error) for one in deliver(executor, tasks.unpicklable_result, [1, 2])}
    assert ["one of the messages [0, 1] could not be carried"] == [text.partition(":")[0] for text in texts]


@pytest.mark.parametrize("spec", ENDED_BY_FORCE)
def test_an_exception_in_the_block_ends_the_workers(spec: str) -> None:
    """Workers with hours of work before them are gone when the block is left by an exception."""
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="enough"), ready(spec, own=True).open(2) as executor:
        assemble(executor, 2)
        for _ in range(4):
            executor.submit(tasks.sleep_for_ever, 0)
        raise RuntimeError("enough")
    assert time.monotonic() - started < HOUR_S / 4  # bounded, not timed: the tasks sleep an hour


def test_serial_refuses_two_workers() -> None:
    """The plain loop is one loop."""
    with pytest.raises(Exception, match="cannot have 2 workers"), backends.get("serial").open(2):
        pass


def test_thread_workers_leave_no_thread() -> None:
    """A closed thread pool has ended its threads."""
    with backends.get("threads").open(4) as executor:
        crew = {worker.thread for worker in assemble(executor, 4)}
        here = [one for one in threading.enumerate() if one.native_id in crew]  # Dask's own come and go meanwhile
    assert [False] * 4 == [one.is_alive() for one in here]


@pytest.mark.parametrize("spec", SPECS)
def test_a_backend_costs_one_small_file(spec: str) -> None:
    """A new engine is one file under 120 lines."""
    import inspect

    module = inspect.getmodule(type(backends.get(spec)))
    assert len(inspect.getsource(module).splitlines()) < 120
