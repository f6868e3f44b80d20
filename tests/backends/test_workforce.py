"""Workers that break: the culprit is found, everybody else's task gets done, and storms are given up."""

import errno
import multiprocessing
import operator
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pool_tasks
import psutil
import pytest
import tasks

from parlab import backends
from parlab.backends import endings, memory
from parlab.backends.delivery import OverdueError
from parlab.backends.workforce import Workforce, advice_on, how_it_ended
from parlab.errors import InputError, LostTaskError, WorkersLostError
from parlab.messages import Message, Packed
from parlab.parcels import unpack
from parlab.trace import Envelope, cut_messages

METHODS = multiprocessing.get_all_start_methods()
FIRST = METHODS[-1:]
BOUND_S = 30
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """No worker outlives its test."""
    yield
    deadline = time.monotonic() + 60
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [] == multiprocessing.active_children()


@contextmanager
def working(folder: Path | None, method: str, workers: int = 2, **more: Any) -> Iterator[Workforce]:
    logbook = None if folder is None else str(folder)
    with Workforce(backends.get(f"processes:{method}"), workers, logbook=logbook, **more) as force:
        yield force


def done(force: Workforce, task: Callable[[Any], Any], items: list[Any], chunksize: int = 1) -> dict[int, Any]:
    """Get tasks done; return the value or the engine's error of each."""
    envelope = Envelope(task, shares_process=False, carrier="pickle", logbook=force.logbook)
    found: dict[int, Any] = {}
    for message, delivery in force.deliver(envelope, cut_messages(items, chunksize), envelope.packed):
        for place in range(len(message.items)):
            assert message.first + place not in found
            report = delivery.result
            found[message.first + place] = unpack(report.values[place]) if report else delivery.error
    return found


@pytest.mark.parametrize(("method", "chunksize"), [*((method, 3) for method in METHODS), (*FIRST, 1)])
def test_everybody_else_gets_done(tmp_path: Path, method: str, chunksize: int) -> None:
    """A task that ends its worker is named, with how, and with what it printed; the others give their values."""
    items = ["a", "b", "poison", "d", "e", "f", "g"]
    with working(tmp_path, method) as force:
        found = done(force, pool_tasks.print_and_end, items, chunksize)
        lost = found.pop(2)
        assert {place: item for place, item in enumerate(items) if place != 2} == found
        assert isinstance(lost, LostTaskError)
        assert ("lost(SIGKILL)", "last words of poison\n") == (lost.how, lost.printed)
        assert 2 in force.rerun
        assert {0: 0, 1: 2, 2: 4} == done(force, tasks.double, [0, 1, 2])  # the next run works
        assert 2 <= len({worker.process for worker in force.crew})


@pytest.mark.parametrize("method", FIRST)
@pytest.mark.parametrize("how", ["SIGSEGV", "exit code 0", "exit code 7"])
def test_how_a_worker_ended_is_told(tmp_path: Path, method: str, how: str) -> None:
    """A crash and a quiet exit are told apart; leaving with 0 is no success."""
    with working(tmp_path, method, 1) as force:
        assert f"lost({how})" == done(force, pool_tasks.end_worker, [how])[0].how


@pytest.mark.parametrize("method", FIRST)
def test_without_a_logbook_everybody_is_a_suspect(method: str) -> None:
    """The culprit is found all the same, only more slowly."""
    with working(None, method) as force:
        found = done(force, tasks.kill_own_worker, [1, 2, 3, 4])
        assert "lost(SIGKILL)" == found.pop(2).how
        assert {0: 1, 1: 2, 3: 4} == found
        assert "" == getattr(found.get(2), "printed", "")


@pytest.mark.parametrize("method", METHODS)
def test_a_task_that_dies_once_is_nobodys_fault(tmp_path: Path, method: str) -> None:
    """A task that does not end its worker when it runs alone has its value, and is known to have run again."""
    mark = str(tmp_path / "mark")
    with working(tmp_path, method) as force:
        found = done(force, tasks.kill_own_worker_once, [(number, mark) for number in range(6)])
        assert dict(enumerate(range(6))) == found
        assert 3 in force.rerun


@pytest.mark.parametrize("method", METHODS)
def test_idle_workers_that_were_killed_are_replaced(tmp_path: Path, method: str) -> None:
    """When all workers are killed between two runs, the next one gets everything done and accuses no task."""
    with working(tmp_path, method) as force:
        for process in [psutil.Process(worker.process) for worker in force.crew]:
            with suppress(psutil.NoSuchProcess):  # after the first one, the executor may have ended the others itself
                process.kill()
        assert {0: 0, 1: 2, 2: 4} == done(force, tasks.double, [0, 1, 2])


@pytest.mark.parametrize("method", FIRST)
def test_every_new_crew_is_prepared(tmp_path: Path, method: str) -> None:
    """``prepare`` is called with each new executor and its number of workers, before its first message."""
    seen: list[tuple[Executor, int]] = []
    with working(tmp_path, method, prepare=lambda executor, workers: seen.append((executor, workers))) as force:
        first = force.executor
        force.discard()
        second = force.executor
        assert first is not second
        assert second is force.executor
    assert [(first, 2), (second, 2)] == seen


@pytest.mark.parametrize("method", FIRST)
def test_a_worker_alone_is_prepared_too(tmp_path: Path, method: str) -> None:
    """A suspect that runs alone finds what the others find."""
    seen: list[int] = []
    with working(tmp_path, method, prepare=lambda _executor, workers: seen.append(workers)) as force:
        done(force, tasks.kill_own_worker, [3])
    assert 1 in seen


@pytest.mark.parametrize("method", FIRST)
def test_a_start_that_fails_leaves_nobody(tmp_path: Path, method: str) -> None:
    """Where preparing raises, the workers are ended; a worker that ends in it is told as such."""
    for problem, kind in ((ValueError("no"), ValueError), (BrokenExecutor("gone"), WorkersLostError)):

        def prepare(_executor: Executor, _workers: int, problem: Exception = problem) -> None:
            raise problem

        with pytest.raises(kind), working(tmp_path, method, prepare=prepare):
            pytest.fail("it opened")
        assert [] == multiprocessing.active_children()


@pytest.mark.parametrize("method", FIRST)
def test_no_room_for_a_worker_alone_is_told(tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system lacks is said in words, also where a suspect is to run alone."""
    with working(tmp_path, method) as force:

        @contextmanager
        def open_nothing(_workers: int) -> Iterator[Executor]:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
            yield

        monkeypatch.setattr(force.backend, "open", open_nothing)
        with pytest.raises(WorkersLostError, match="Too many processes run"):
            done(force, pool_tasks.end_worker, ["SIGKILL"])


@pytest.mark.parametrize("engine", ["pool", "processes", "threads"])
def test_a_message_that_cannot_be_packed_is_refused(engine: str) -> None:
    """By every engine, also one that takes messages in a thread of its own; the work is not begun again and again."""
    packed: list[int] = []

    def pack(message: Message) -> Packed:
        packed.append(message.first)
        if message.first == 3:
            raise InputError("item 3 cannot be packed")
        return message

    messages = [Message(number, [number]) for number in range(6)]
    with Workforce(backends.get(engine), 2) as force, pytest.raises(InputError, match="item 3"):
        list(force.deliver(operator.itemgetter(1), messages, pack))
    assert [0, 1, 2, 3] == packed


@pytest.mark.parametrize("method", FIRST)
def test_workers_that_grow_are_replaced(tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit all are replaced between two messages, often enough counted, and no task is lost or run twice."""
    monkeypatch.setattr(memory, "_LOOK_EVERY_S", 0)
    with working(tmp_path, method, 1, memory_limit_bytes=1) as force:
        found = done(force, pool_tasks.grow_once, [0] * 8)
        assert 8 == len(found)
        assert len(set(found.values())) > 1
        assert len(set(found.values())) - 1 <= force.replaced <= len(set(found.values()))
        assert set() == force.rerun


@pytest.mark.parametrize("method", FIRST)
def test_without_a_limit_nobody_is_replaced(tmp_path: Path, method: str) -> None:
    """None looks at nobody, and a limit that nobody reaches replaces nobody."""
    for limit in (None, 1 << 50):
        with working(tmp_path, method, 1, memory_limit_bytes=limit) as force:
            assert 1 == len(set(done(force, pool_tasks.who, [0] * 30).values()))
            assert 0 == force.replaced


@pytest.mark.parametrize("method", FIRST)
def test_a_deadline_is_passed_on(tmp_path: Path, method: str) -> None:
    """Past it OverdueError is raised, and what runs is gone with ``discard``."""
    with working(tmp_path, method, 1) as force:
        envelope = Envelope(tasks.sleep_for_ever, shares_process=False, carrier="pickle", logbook=str(tmp_path))
        coming = force.deliver(envelope, cut_messages([0], 1), envelope.packed, time.monotonic() + 0.1)
        with pytest.raises(OverdueError):
            next(coming)
        force.discard()
        assert [] == multiprocessing.active_children()
        assert {0: 2} == done(force, tasks.double, [1])


@pytest.mark.parametrize("method", FIRST)
def test_many_lost_tasks_are_given_up(tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many culprits something else is wrong: all that is left comes back with one error."""
    monkeypatch.setattr(endings, "_MOST_LOST", 2)
    with working(tmp_path, method, 1) as force:
        found = done(force, pool_tasks.end_worker, ["SIGKILL"] * 6)
        assert [LostTaskError] * 2 + [WorkersLostError] * 4 == [type(found[task]) for task in range(6)]
        assert "2 tasks have each ended their worker" in str(found[5])
        assert {0: 2} == done(force, tasks.double, [1])  # the next run works


@pytest.mark.parametrize("method", FIRST)
def test_lost_tasks_of_earlier_runs_do_not_count(tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long life with one lost task in each of many runs is no storm."""
    monkeypatch.setattr(endings, "_MOST_LOST", 2)
    with working(tmp_path, method, 1) as force:
        for _ in range(3):
            assert "lost(SIGKILL)" == done(force, pool_tasks.end_worker, ["SIGKILL"])[0].how


@pytest.mark.parametrize("method", FIRST)
def test_losses_without_a_culprit_are_given_up(tmp_path: Path, method: str) -> None:
    """When workers are killed from outside again and again, all comes back with an error that speaks of memory."""

    def kill_all(message: Any) -> Any:
        for child in multiprocessing.active_children():
            child.kill()
            child.join()
        return message

    envelope = Envelope(tasks.double, shares_process=False, carrier="pickle", logbook=str(tmp_path))
    with working(tmp_path, method, 1) as force:
        found = {
            message.first: one.error for message, one in force.deliver(envelope, cut_messages([1, 2], 1), kill_all)
        }
        assert {0: WorkersLostError, 1: WorkersLostError} == {task: type(error) for task, error in found.items()}
        assert re.search(r"lost 3 times in a row, and no task.*GiB", str(found[0]))


@pytest.mark.parametrize("method", FIRST)
def test_only_what_was_sent_has_run_again(tmp_path: Path, method: str) -> None:
    """Tasks that had not been sent when a worker was lost run for the first time."""
    with working(tmp_path, method, 1) as force:
        done(force, tasks.kill_own_worker, [3, *range(10, 60)])
        assert len(force.rerun) <= 1 + 8


@pytest.mark.parametrize(
    ("code", "text"), [(-9, "SIGKILL"), (-11, "SIGSEGV"), (0, "exit code 0"), (3, "exit code 3"), (-50, "signal 50")]
)
def test_ends_have_names(code: int, text: str) -> None:
    """Signals are told by their names where they have one, and exits by their codes."""
    assert text == how_it_ended(SimpleNamespace(exitcode=code))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "advice"),
    [
        ("SIGKILL", "memory"), ("SIGSEGV", "C code"), ("SIGABRT", "C code"), ("exit code 0", "os._exit()"),
        ("SIGTERM", "what sends signals"), ("unknown", "what sends signals"), ("WorkerCrashedError", "memory"),
    ],
)  # fmt: skip
def test_each_end_has_its_advice(how: str, advice: str) -> None:
    """Memory for SIGKILL, C code for crashes, ``os._exit`` for exits, and who sends signals for the rest."""
    assert advice in advice_on(how)


def test_discarding_twice_does_no_harm(tmp_path: Path) -> None:
    """Without workers there is nothing to end."""
    force = Workforce(backends.get("processes"), 1, logbook=str(tmp_path))
    force.discard()
    with force:
        force.discard()
        force.discard()
    force.discard()
    assert os.getpid() not in [worker.process for worker in force.crew]


def test_two_threads_that_want_new_workers(tmp_path: Path) -> None:
    """One starts them, and both have them; who still holds the broken ones takes them from nobody."""
    with working(tmp_path, FIRST[0], 1) as force:
        broken = force.executor
        force.discard(broken)
        with ThreadPoolExecutor(2) as threads:
            one, other = threads.map(lambda _: force.executor, range(2))
        assert one is other
        force.discard(broken)
        assert one is force.current
        assert 2 == len(force.crew)


def test_a_worker_alone_whose_engine_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its culprit is told all the same: another process of the task's can hold a pipe that the engine waits for."""
    gate, late, shutdown = threading.Event(), [], ProcessPoolExecutor.shutdown

    def shut_down(executor: Any, **how: Any) -> None:
        if executor._max_workers == 1 and how.get("wait", True):
            late.append(not gate.wait(BOUND_S))
        shutdown(executor, **how)

    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", shut_down)
    with working(tmp_path, FIRST[0]) as force:
        found = done(force, pool_tasks.end_worker, ["SIGKILL"])
        gate.set()
    assert isinstance(found[0], LostTaskError)
    assert True not in late
