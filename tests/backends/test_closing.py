"""Executors end in bounded time: with workers that are deaf, dead, or cut off in the middle of a result."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import process as cpythons
from contextlib import suppress
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path
from types import SimpleNamespace

import pool_tasks
import psutil
import pytest
import tasks

from parlab import groups
from parlab.backends import closing
from parlab.backends.closing import StuckWatch, end_processes
from parlab.backends.pool import PoolExecutor

BOUND_S = 30
METHODS = multiprocessing.get_all_start_methods()
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BOUND_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(params=METHODS)
def executor(request: pytest.FixtureRequest) -> Iterator[ProcessPoolExecutor]:
    """CPython's own pool of two; whatever a test leaves of it is killed, so that a failure cannot hang the suite."""
    made = ProcessPoolExecutor(2, multiprocessing.get_context(request.param))
    writer, manager = made._result_queue._writer, None
    made.submit(tasks.double, 1).result(BOUND_S)
    processes, manager = list(made._processes.values()), made._executor_manager_thread
    yield made
    for process in processes:
        process.kill()
    if not writer.closed and manager.is_alive():
        writer.close()
    made.shutdown(wait=False, cancel_futures=True)
    manager.join(BOUND_S)


def cancel(executor: Executor) -> Callable[[], object]:
    return partial(executor.shutdown, wait=False, cancel_futures=True)


def stopped(process: int) -> bool:
    return psutil.Process(process).status() == psutil.STATUS_STOPPED


def test_deaf_processes_are_killed() -> None:
    """One that hears SIGTERM ends by it, a deaf one is killed, one that has ended is no error; all are joined."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    deaf = context.Process(target=become_deaf, args=(ready,))
    hearing = context.Process(target=tasks.sleep_for_ever, args=(0,))
    over = context.Process(target=tasks.double, args=(0,))
    for process in (deaf, hearing, over):
        process.start()
    over.join()
    assert ready.wait(BOUND_S)
    end_processes([deaf, hearing, over])
    assert [-signal.SIGKILL, -signal.SIGTERM, 0] == [deaf.exitcode, hearing.exitcode, over.exitcode]


def become_deaf(ready):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready.set()
    tasks.sleep_for_ever(0)


def test_a_block_that_ends_well_waits_for_what_runs(executor: ProcessPoolExecutor) -> None:
    """All calls get done, and the workers are gone."""
    processes = list(executor._processes.values())
    with closing.closing(executor, cancel(executor)):
        futures = [executor.submit(tasks.nap, 0.05) for _ in range(6)]
    assert [0.05] * 6 == [future.result(0) for future in futures]
    assert [0] * len(processes) == [process.exitcode for process in processes]


def test_a_block_that_raises_ends_everybody(executor: ProcessPoolExecutor) -> None:
    """Deaf workers with work before them are gone when the exception is out, and so is the executor's thread."""
    manager = executor._executor_manager_thread
    with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, cancel(executor)):
        for _ in range(5):
            executor.submit(pool_tasks.sleep_deaf, 0)
        processes = list(executor._processes.values())
        raise RuntimeError("enough")
    assert [] == [process for process in processes if process.is_alive()]
    manager.join(BOUND_S)
    assert not manager.is_alive()


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_a_block_that_raises_frees_who_reads_half_a_result(executor: ProcessPoolExecutor) -> None:
    """A worker that is ended in the middle of a large result does not keep the reading thread for ever."""
    manager = executor._executor_manager_thread
    with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, cancel(executor)):
        executor.submit(pool_tasks.end_while_sending, signal.SIGSTOP)
        processes = list(executor._processes)
        until(lambda: any(map(stopped, processes)))
        raise RuntimeError("enough")
    manager.join(BOUND_S)
    assert not manager.is_alive()


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_a_worker_that_dies_in_the_middle_of_its_result(executor: ProcessPoolExecutor) -> None:
    """The first look only suspects; the second ends the pool, and the executor says that it is broken."""
    watch = StuckWatch(executor)
    future = executor.submit(pool_tasks.end_while_sending, signal.SIGKILL)
    processes = list(executor._processes.values())
    until(lambda: any(process.exitcode is not None for process in processes))
    watch()
    assert not future.done()
    watch()
    with pytest.raises(BrokenExecutor):
        future.result(BOUND_S)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Path]:
    """A file for the number of a worker's child, which is killed after the test."""
    path = tmp_path / "child"
    yield path
    os.kill(int(path.read_text()), signal.SIGKILL)


def test_a_lost_worker_has_a_child_that_lives_on(executor: ProcessPoolExecutor, child: Path) -> None:
    """The child keeps open what would tell of its parent's end (spawn, fork), and the pipe of results (always)."""
    manager, watch = executor._executor_manager_thread, StuckWatch(executor)
    future = executor.submit(pool_tasks.leave_a_child_and_die, str(child))
    until(lambda: bool(watch() or future.done()))
    with pytest.raises(BrokenExecutor):
        future.result(0)
    manager.join(BOUND_S)
    assert not manager.is_alive()


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_half_a_result_and_a_child_that_lives_on(executor: ProcessPoolExecutor, child: Path) -> None:
    """Where no end of file comes, because somebody else could write, the reader gets zeros; they make no result."""
    manager = executor._executor_manager_thread
    future = executor.submit(pool_tasks.end_while_sending, signal.SIGSTOP)
    other = executor.submit(pool_tasks.leave_a_child_and_die, str(child))
    until(lambda: child.exists() and any(map(stopped, filter(psutil.pid_exists, executor._processes))))
    with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, cancel(executor)):
        raise RuntimeError("enough")
    assert not manager.is_alive()
    for one in (future, other):
        with pytest.raises(BrokenExecutor):
            one.result(0)


def test_calls_that_nobody_reads_and_a_child_that_lives_on(executor: ProcessPoolExecutor) -> None:
    """The child could read: so the thread that sends large calls has no error, and the one that waits for it no end."""
    manager, processes = executor._executor_manager_thread, list(executor._processes.values())
    _, child = executor.submit(pool_tasks.leave_a_child, 0).result(BOUND_S)

    def cancel_with_lock() -> None:  # which since 3.12 the thread keeps until it has ended
        manager.join(BOUND_S)
        assert not manager.is_alive()
        executor.shutdown(wait=False, cancel_futures=True)

    try:
        for process in processes:
            os.kill(process.pid, signal.SIGSTOP)
        futures = [executor.submit(tasks.double, bytes(1_000_000)) for _ in range(4)]
        with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, cancel_with_lock):
            for process in processes:
                process.kill()
                until(lambda number=process.pid: not groups.is_alive(number))
            raise RuntimeError("enough")
        assert not manager.is_alive()
        assert [True] * 4 == [future.done() for future in futures]
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_block_ends_though_a_lost_workers_child_lives_on(executor: ProcessPoolExecutor, child: Path) -> None:
    """Its end waits for what runs, and finds by itself that it runs no more."""
    with closing.closing(executor, cancel(executor)):
        future = executor.submit(pool_tasks.leave_a_child_and_die, str(child))
    with pytest.raises(BrokenExecutor):
        future.result(0)


def forgotten(executor: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> "Future[object]":
    """Send a call that is let in before the executor says that it is broken, and comes when others have been failed."""
    make = cpythons._WorkItem

    def make_while_a_worker_is_lost(*arguments: object) -> object:
        for worker in list(executor._processes.values()):
            worker.kill()
        ended = time.monotonic() + 2  # where the lock is held (3.12), the executor cannot say so before the call is in
        while not executor._broken and time.monotonic() < ended:
            time.sleep(0.01)
        time.sleep(0.2)
        return make(*arguments)

    monkeypatch.setattr(cpythons, "_WorkItem", make_while_a_worker_is_lost)
    return executor.submit(tasks.double, 1)


def test_a_call_that_is_sent_while_a_loss_is_noticed_ends(
    executor: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch fails what nobody else does."""
    watch = StuckWatch(executor)
    future = forgotten(executor, monkeypatch)
    until(lambda: bool(watch() or future.done()))
    with pytest.raises(BrokenExecutor):
        future.result(0)


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
@pytest.mark.parametrize("raises", [False, True])
def test_a_forgotten_call_ends_with_the_block(
    executor: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch, *, raises: bool
) -> None:
    """Nobody looks after it any more when the block is left, whether orderly or not."""
    with suppress(RuntimeError), closing.closing(executor, cancel(executor)):
        future = forgotten(executor, monkeypatch)
        executor._executor_manager_thread.join(BOUND_S)
        if raises:
            raise RuntimeError("enough")
    with pytest.raises(BrokenExecutor):
        future.result(0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_a_thread_that_fails_in_the_middle_leaves_nobody_waiting(executor: ProcessPoolExecutor) -> None:
    """A call is let in while others are failed: their dictionary changes. The feeder of large calls is let go, too."""
    late = cpythons._WorkItem(Future(), tasks.double, (1,), {})
    processes = list(executor._processes.values())
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    futures = [executor.submit(tasks.double, bytes(1_000_000)) for _ in range(4)]
    futures[0].add_done_callback(lambda _: executor._pending_work_items.setdefault(-1, late))
    feeder = executor._call_queue._thread
    with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, cancel(executor)):
        for process in processes:
            process.kill()
        executor._executor_manager_thread.join(BOUND_S)
        assert feeder.is_alive()
        raise RuntimeError("enough")
    assert [True] * 5 == [isinstance(one.exception(0), BrokenExecutor) for one in (*futures, late.future)]
    feeder.join(BOUND_S)
    assert not feeder.is_alive()


class Emptied(dict[int, object]):
    """Somebody else takes the last call out, right after it was seen."""

    def popitem(self) -> tuple[int, object]:
        self.clear()
        raise KeyError("empty")


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_two_that_look_at_once(executor: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are one look, not the two that it takes to end a pool; and what one fails is no error for the other."""
    watch, seen = StuckWatch(executor), []

    def look_too(_process: int) -> bool:
        if not seen:
            seen.append(1)
            watch()
        return False

    monkeypatch.setattr(closing.groups, "is_alive", look_too)
    watch()
    assert 4 == executor.submit(tasks.double, 2).result(BOUND_S)
    over = threading.Thread(target=int)
    over.start()
    over.join()
    closing._Held([], None, None, over, Emptied({1: None})).finish()


def test_the_watch_leaves_healthy_pools_alone(executor: ProcessPoolExecutor) -> None:
    """However often it looks, workers that live go on; an executor of threads has nothing to look at."""
    watch = StuckWatch(executor)
    for _ in range(3):
        watch()
    assert 4 == executor.submit(tasks.double, 2).result(BOUND_S)
    with ThreadPoolExecutor(1) as threads:
        StuckWatch(threads)()
        assert 4 == threads.submit(tasks.double, 2).result(BOUND_S)


def test_a_shutdown_that_waits_for_ever_is_ended(
    executor: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When one worker has ended and the other does not, nobody is told any more: it is killed and joined."""
    monkeypatch.setattr(closing, "_LOOK_S", 0.01)
    monkeypatch.setattr(closing, "_FOLLOW_S", 0.05)
    executor.submit(tasks.sleep_for_ever, 0)
    processes = list(executor._processes.values())
    manager, gate = executor._executor_manager_thread, threading.Event()
    monkeypatch.setattr(executor, "shutdown", lambda *_how, **_more: gate.wait(BOUND_S))
    with closing.closing(executor, gate.set):
        processes[0].kill()
        processes[0].join()
    gate.set()
    assert [] == [process for process in processes if process.is_alive()]
    assert not manager.is_alive()


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
@pytest.mark.parametrize("problem", [KeyboardInterrupt, KeyError])
def test_a_cancelling_that_fails_ends_everybody_too(executor: ProcessPoolExecutor, problem: type) -> None:
    """The user interrupts again, or the engine stumbles: the workers are ended all the same."""
    processes = list(executor._processes.values())

    def stumble() -> None:
        raise problem("second")

    with pytest.raises(problem, match="second"), closing.closing(executor, stumble):
        raise ValueError("first")
    assert not any(process.is_alive() for process in processes)


def pool_workers() -> list[str]:
    return [one.name for one in multiprocessing.active_children() if "PoolWorker" in one.name]


@pytest.mark.parametrize("method", METHODS)
def test_a_pool_is_cancelled_before_its_workers_end(method: str) -> None:
    """Else its handler, which does not know yet that all is over, starts a new worker in the place of each."""
    executor = PoolExecutor(2, method)
    lost, other = workers = list(executor.pool._pool)
    names = []

    def terminate() -> None:
        names.extend(worker.name for worker in executor.pool._pool if worker is not lost and worker.is_alive())
        executor.shutdown(wait=False, cancel_futures=True)

    with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, terminate):
        os.kill(lost.pid, signal.SIGKILL)
        until(lambda: not groups.is_alive(lost.pid))
        raise RuntimeError("enough")
    assert other.name in names
    assert not any(worker.is_alive() for worker in workers)
    assert [] == pool_workers()


@pytest.mark.parametrize("method", METHODS)
def test_workers_that_a_pool_starts_meanwhile_are_ended(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own end waits for a lock that a lost worker held, while its handler starts others in their place."""
    cancelling, start = threading.Event(), Pool._repopulate_pool_static

    def start_late(*arguments: object) -> None:
        assert cancelling.wait(BOUND_S)
        start(*arguments)

    executor = PoolExecutor(2, method)
    monkeypatch.setattr(Pool, "_repopulate_pool_static", staticmethod(start_late))

    def terminate() -> None:
        cancelling.set()
        executor.shutdown(wait=False, cancel_futures=True)

    with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, terminate):
        for worker in list(executor.pool._pool):
            worker.kill()
            worker.join()
        raise RuntimeError("enough")
    executor.pool._worker_handler.join(BOUND_S)
    assert [] == pool_workers()


NAP = "import sys, time; print(flush=True); time.sleep(600)"


def napping(*arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", NAP, *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_what_an_engine_has_started_is_ended() -> None:
    """Also when its own way fails. What was there before stays, and so do resource trackers, which may be others'."""
    before = napping()
    started: list[subprocess.Popen[bytes]] = []

    def end() -> None:
        started.append(napping())  # somebody replaces somebody
        raise OSError("its own way failed")

    with pytest.raises(OSError, match="failed"), closing.ended_after(end) as kill:
        started.append(napping())
        kill()
        assert -signal.SIGKILL == started[0].wait(BOUND_S)
        started.append(napping())
        tracker = napping("from multiprocessing.resource_tracker import main")
    assert [-signal.SIGKILL] * 3 == [one.wait(BOUND_S) or -signal.SIGKILL for one in started]
    assert (None, None) == (before.poll(), tracker.poll())
    for one in (*started, before, tracker):
        one.kill()
        one.wait(BOUND_S)
        assert one.stdout is not None
        one.stdout.close()


def test_other_children_are_not_ended(executor: ProcessPoolExecutor) -> None:
    """A block that raises ends its own workers, and no process that was started before or inside it."""
    context = multiprocessing.get_context("spawn")
    earlier, inside = (context.Process(target=tasks.sleep_for_ever, args=(0,)) for _ in range(2))
    earlier.start()
    workers = list(executor._processes.values())
    try:
        with pytest.raises(RuntimeError, match="enough"), closing.closing(executor, cancel(executor)):
            inside.start()
            raise RuntimeError("enough")
        assert [True, True] == [earlier.is_alive(), inside.is_alive()]
        assert [] == [process for process in workers if process.is_alive()]
    finally:
        for process in (earlier, inside):
            process.kill()
            process.join()


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_a_pipe_that_the_pool_closes_at_the_same_moment(
    executor: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who finds the pipe of results closed already, by the pool's own thread, has nothing left to do."""
    held = closing._Held.by(executor)
    stuck, gate = threading.Thread(target=lambda: gate.wait(BOUND_S)), threading.Event()
    stuck.start()
    monkeypatch.setattr(closing, "_ALONE_S", 0.01)
    monkeypatch.setattr(closing, "_JOIN_S", 0.01)
    reader, writer = multiprocessing.Pipe(duplex=False)
    reader.close()
    os.close(writer.fileno())  # as its owner does, between our look and our own closing
    closing._Held(held.processes, None, SimpleNamespace(_writer=writer, _reader=reader), stuck, {}).end()
    gate.set()
    stuck.join(BOUND_S)
    assert [] == [process for process in held.processes if process.is_alive()]


@pytest.mark.parametrize("executor", METHODS[:1], indirect=True)
def test_a_thread_that_ends_by_itself_keeps_its_pipe(executor: ProcessPoolExecutor) -> None:
    """Where the pool's own thread finds out that its workers are gone, nobody closes a pipe under it."""
    held = closing._Held.by(executor)
    reader, writer = multiprocessing.Pipe(duplex=False)
    closing._Held(held.processes, None, SimpleNamespace(_writer=writer, _reader=reader), held.thread, {}).end()
    assert not writer.closed
    assert held.thread is not None
    assert not held.thread.is_alive()
    for end in (reader, writer):
        end.close()
