"""``parlab.pool``: everyday work in worker processes. Nothing hangs, nothing is lost, nothing is left."""

import functools
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Queue
from typing import Any

import pool_tasks
import psutil
import pytest
import tasks
from pool_tasks import Holder

import parlab
from parlab import owners
from parlab.backends import memory
from parlab.errors import (
    DeadlineError,
    FunctionError,
    InputError,
    LostTaskError,
    RemoteTaskError,
    TaskError,
    WorkersLostError,
)
from parlab.notebook.pool import Pool

BOUND_S = 60
METHODS = multiprocessing.get_all_start_methods()
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def folders() -> list[str]:
    return [path.name for path in Path(tempfile.gettempdir()).glob(f"parlab-private-{owners.mark()}-*")]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BOUND_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def opened(method: str | None = None, workers: int = 2, **more: Any) -> Iterator[Pool]:
    """Open a pool, without the warning of fork beside other tests' threads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fork copies", RuntimeWarning)
        made = parlab.pool(workers, start_method=method, **more)
        made.__enter__()
    with ExitStack() as stack:
        stack.push(made.__exit__)
        yield made


@pytest.fixture(scope="module", params=METHODS)
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    """One pool for many tests: each failure must leave it usable for the next."""
    with opened(request.param) as made:
        yield made


@pytest.fixture(scope="module")
def one() -> Iterator[Pool]:
    """A pool started in the usual way, for what does not depend on it."""
    with opened() as made:
        yield made


class TestMap:
    @pytest.mark.parametrize("chunksize", [1, 3, 100])
    def test_results_stand_in_the_order_of_the_items(self, pool: Pool, chunksize: int) -> None:
        """However tasks travel."""
        assert list(range(0, 40, 2)) == pool.map(tasks.double, iter(range(20)), chunksize=chunksize)

    def test_tasks_run_in_the_workers(self, pool: Pool) -> None:
        """None of them is this process."""
        assert os.getpid() not in pool.map(pool_tasks.who, range(8))

    def test_no_items(self, one: Pool) -> None:
        """Nothing to do gives an empty list."""
        assert [] == one.map(tasks.double, [])

    @pytest.mark.parametrize(
        ("function", "expected"),
        [
            (functools.partial(tasks.add, amount=3), 5), (functools.partial(tasks.add, 3), 5), (Holder().double, 4),
            (Holder.triple, 6), (Holder("x"), ("x", 2)), (pool_tasks.make_holder, Holder(2)), (str, "2"), (abs, 2),
        ],
    )  # fmt: skip
    def test_all_that_can_be_called(self, one: Pool, function: Any, expected: Any) -> None:
        """Partials of both kinds, methods, class methods, objects, classes and builtins are functions too."""
        assert [expected] == one.map(function, [2])

    @pytest.mark.parametrize("function", [str.upper, "".join, "x".__add__])
    def test_methods_of_builtins(self, one: Pool, function: Any) -> None:
        """What pickle carries is not refused."""
        assert [function("a")] == one.map(function, ["a"])

    def test_a_failed_task_raises_its_own_exception(self, pool: Pool) -> None:
        """With a note that names it, the worker's traceback as its cause; and the pool goes on."""
        with pytest.raises(pool_tasks.TravellingError) as caught:
            pool.map(pool_tasks.raise_kind, ["a", "travelling"])
        assert 42 == caught.value.code
        assert ["Task 1 of 2, item 'travelling', in a worker"] == caught.value.__notes__
        assert "in raise_kind" in str(caught.value.__cause__)
        assert [2] == pool.map(tasks.double, [1])

    def test_exceptions_can_be_kept(self, pool: Pool) -> None:
        """All others are done, whatever happens to each: it fails, leaves, cannot travel, or ends its worker."""
        kinds = ["a", "value", "stubborn", "locked", "exit", "interrupt", "large", "stop iteration", "b"]
        found = pool.map(pool_tasks.raise_kind, kinds, return_exceptions=True, chunksize=2)
        expected = [str, ValueError, *[RemoteTaskError] * 5, StopIteration, str]
        assert expected == [type(one) for one in found]
        found = pool.map(pool_tasks.end_worker, ["a", "SIGKILL", "b"], return_exceptions=True)
        assert ["a", LostTaskError, "b"] == [found[0], type(found[1]), found[2]]

    @pytest.mark.parametrize("kind", ["exit", "interrupt"])
    def test_leaving_is_the_tasks_error(self, one: Pool, kind: str) -> None:
        """SystemExit and KeyboardInterrupt of a task do not end or interrupt the caller."""
        with pytest.raises(RemoteTaskError, match="raised (SystemExit|KeyboardInterrupt)"):
            one.map(pool_tasks.raise_kind, [kind])

    def test_stop_iteration_is_an_exception_like_others(self, one: Pool) -> None:
        """It passes through all our blocks as what it is."""
        with pytest.raises(StopIteration, match="the end"):
            one.map(pool_tasks.raise_kind, ["stop iteration"])

    @pytest.mark.parametrize("deadline_s", [None, 600])
    def test_a_timeout_of_a_task_is_no_deadline(self, one: Pool, deadline_s: float | None) -> None:
        """TimeoutError is what sockets raise."""
        with pytest.raises(TimeoutError, match="the server"):
            one.map(pool_tasks.raise_kind, ["timeout"], deadline_s=deadline_s)

    def test_a_task_that_ends_its_worker_is_named(self, pool: Pool) -> None:
        """Which, how, what it printed and what to do, in one error; the pool goes on."""
        with pytest.raises(LostTaskError) as caught:
            pool.map(pool_tasks.print_and_end, ["poison"])
        text = str(caught.value)
        assert "lost(SIGKILL)" == caught.value.how
        assert text.startswith("Task 0 of 1, item 'poison', ended its worker")
        assert "last words of poison" in text
        assert "GiB" in text
        assert [2] == pool.map(tasks.double, [1])

    @pytest.mark.parametrize("function", [pool_tasks.make_local, pool_tasks.make_leaver])
    def test_a_result_that_cannot_travel(self, one: Pool, function: Any) -> None:
        """It fails its task, and the text says why."""
        with pytest.raises(RemoteTaskError, match="Task 0 of 1, item 1, raised ParcelError: the result"):
            one.map(function, [1])
        assert [2] == one.map(tasks.double, [1])

    def test_a_result_that_comes_back_as_another_type(self, one: Pool) -> None:
        """Some classes' own pickling wants it so."""
        assert [7] == one.map(pool_tasks.make_turncoat, [1])

    def test_what_a_failed_task_printed_is_shown(self, one: Pool, capsys: pytest.CaptureFixture[str]) -> None:
        """With its error, whether that is raised or kept."""
        for keep in (False, True):
            with suppress(ValueError):
                one.map(pool_tasks.print_then_fail, [7], return_exceptions=keep)
            assert "evidence 7\n" == capsys.readouterr().out

    def test_prints_are_shown_in_the_order_of_the_tasks(self, pool: Pool, capsys: pytest.CaptureFixture[str]) -> None:
        """Both streams of each task, once, on standard output."""
        pool.map(pool_tasks.print_twice, range(12), progress=False)
        expected = "".join(f"out {number}\nerr {number}\n" for number in range(12))
        assert (expected, "") == tuple(capsys.readouterr())

    @pytest.mark.parametrize("task", [tasks.sleep_for_ever, pool_tasks.sleep_deaf])
    def test_a_deadline_ends_the_workers(self, one: Pool, task: Any) -> None:
        """Deaf ones too; the text says how many were done and which were running; and the pool goes on."""
        for deadline_s in (1.5, 15):  # a busy machine may take a while to begin
            with pytest.raises(DeadlineError) as caught:
                one.map(task, [0], deadline_s=deadline_s)
            if "Still running: task 0." in str(caught.value):
                break
        assert f"0 of 1 tasks were done within {deadline_s} s" in str(caught.value)
        assert "Still running: task 0." in str(caught.value)
        assert [2] == one.map(tasks.double, [1], deadline_s=600)

    def test_a_bar_changes_nothing(self, one: Pool) -> None:
        """With a bar the results are the same."""
        assert [2, 4] == one.map(tasks.double, [1, 2], progress=True)


class TestRefusals:
    """What is refused is refused before anything is sent: no worker has got anything to do."""

    @pytest.fixture(autouse=True)
    def _nothing_sent(self, one: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(one.__dict__["_force"]), "deliver", lambda *_more: pytest.fail("sent"))
        monkeypatch.setattr(one._force.executor, "submit", lambda *_more: pytest.fail("sent"))

    @pytest.mark.parametrize("way", ["map", "submit", "initializer"])
    @pytest.mark.parametrize("kind", ["lambda", "closure", "__main__", "hidden in a partial"])
    def test_a_function_that_nobody_can_import(
        self, one: Pool, kind: str, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Lambdas, closures and functions of a cell, hidden or not, by any way in; the text names ``%%workers``."""

        def of_a_cell(item: Any) -> Any:
            return item

        of_a_cell.__module__, of_a_cell.__qualname__ = "__main__", "of_a_cell"
        monkeypatch.setattr(sys.modules["__main__"], "of_a_cell", of_a_cell, raising=False)
        function = {
            "lambda": tasks.anonymous,
            "closure": tasks.outer(),
            "__main__": of_a_cell,
            "hidden in a partial": functools.partial(tasks.outer()),
        }[kind]
        call = {
            "map": lambda: one.map(function, [1]),
            "submit": lambda: one.submit(function, 1),
            "initializer": lambda: parlab.pool(1, initializer=function, initargs=(1,)),
        }[way]
        with pytest.raises(FunctionError, match="%%workers"):
            call()

    def test_what_a_function_holds(self, one: Pool) -> None:
        """A partial that holds what cannot travel is refused by name."""
        for function in (functools.partial(tasks.add, threading.Lock()), Holder(threading.Lock()).double):
            with pytest.raises(InputError, match="the function.*cannot be pickled"):
                one.map(function, [1])

    def test_an_item_is_named_by_its_path(self, one: Pool) -> None:
        """Which item, and where in it."""
        with pytest.raises(InputError, match=r"item 1\['key'\]\[0\] \(builtins.function\) cannot be pickled"):
            one.map(tasks.double, [1, {"key": [tasks.outer()]}])

    def test_a_generator_that_raises_midway(self, one: Pool) -> None:
        """Its own exception comes, before anything was sent."""
        with pytest.raises(RuntimeError, match="the generator broke"):
            one.map(tasks.double, tasks.yield_then_raise())

    @pytest.mark.parametrize(
        ("items", "options", "words"),
        [
            ("text", {}, "not str"), (b"", {}, "not bytes"), (5, {}, "not int"), (None, {}, "not NoneType"),
            ([1], {"chunksize": 0}, "chunksize cannot be 0"), ([1], {"chunksize": -1}, "chunksize cannot be -1"),
            ([1], {"deadline_s": 0}, "deadline_s cannot be 0"), ([1], {"deadline_s": -1.5}, "cannot be -1.5"),
            ([1], {"deadline_s": float("nan")}, "cannot be nan"),
        ],
    )  # fmt: skip
    def test_wrong_input_of_map(self, one: Pool, items: Any, options: Any, words: str) -> None:
        """Each says what was given."""
        with pytest.raises(InputError, match=words):
            one.map(tasks.double, items, **options)

    @pytest.mark.parametrize("options", [{"chunksize": "3"}, {"chunksize": 1.5}, {"deadline_s": "3"}])
    def test_wrong_types_of_input_of_map(self, one: Pool, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A text or a fraction is refused in words."""
        with pytest.raises(InputError, match=next(iter(options))):
            one.map(tasks.double, [1], **options)

    @pytest.mark.parametrize("function", [None, 3, "tasks:double"])
    def test_what_cannot_be_called(self, one: Pool, function: Any) -> None:
        """Is no task, by any way in."""
        for call in (one.map, one.submit):
            with pytest.raises(InputError, match="must be a function"):
                call(function, [1])

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"workers": 0}, "cannot have 0 workers"), ({"workers": -1}, "-1 workers"), ({"workers": 1.5}, "1.5"),
            ({"workers": True}, "True workers"), ({"workers": "2"}, "'2' workers"), ({"workers": 1025}, "1 to 1024"),
            ({"start_method": "thread"}, "start_method cannot be 'thread'"),
            ({"memory_limit_bytes": 0}, "limited to 0 bytes"), ({"memory_limit_bytes": -1}, "limited to -1"),
            ({"max_tasks_per_child": 1}, "memory_limit_bytes"), ({"initializer": 3}, "not int"),
            ({"initializer": print, "initargs": (threading.Lock(),)}, "cannot be pickled"),
        ],
    )  # fmt: skip
    def test_wrong_input_of_pool(self, options: Any, words: str) -> None:
        """Refused when it is made, and nothing is started."""
        with pytest.raises(InputError, match=words):
            parlab.pool(**options)

    @pytest.mark.parametrize(
        "options", [{"memory_limit_bytes": "1GB"}, {"memory_limit_bytes": float("nan")}, {"start_method": 3}]
    )
    def test_wrong_types_of_input_of_pool(self, options: Any) -> None:
        """The same for a text and what is no number."""
        with pytest.raises(InputError):
            parlab.pool(1, **options)


class TestSubmit:
    def test_calls_with_arguments(self, pool: Pool) -> None:
        """Positional and keyword arguments arrive; many calls may be under way."""
        futures = [pool.submit(tasks.add, number, amount=10) for number in range(5)]
        assert [10, 11, 12, 13, 14] == [future.result(BOUND_S) for future in futures]

    @pytest.mark.parametrize(
        ("kind", "type_"),
        [("travelling", pool_tasks.TravellingError), ("exit", RemoteTaskError), ("locked", RemoteTaskError)],
    )
    def test_a_call_that_fails(self, one: Pool, kind: str, type_: type) -> None:
        """Its future ends with what it raised, as in a map; the number of the call is in the note or text."""
        number = one._calls.count
        error = one.submit(pool_tasks.raise_kind, kind).exception(BOUND_S)
        assert type_ is type(error)
        assert f"Call {number}" in "".join([str(error), *getattr(error, "__notes__", [])])

    def test_a_call_that_prints(self, one: Pool, capsys: pytest.CaptureFixture[str]) -> None:
        """It is shown before its future ends."""
        one.submit(pool_tasks.print_twice, 5).result(BOUND_S)
        assert "out 5\nerr 5\n" == capsys.readouterr().out

    def test_a_lost_worker_ends_all_calls(self, pool: Pool, tmp_path: Path) -> None:
        """Each says which had been begun; the pool goes on, with calls and with maps."""
        numbers = pool._calls.count, pool._calls.count + 1
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        waiting = pool.submit(pool_tasks.wait_for, str(pipe))
        killed = pool.submit(pool_tasks.end_worker, "SIGKILL")
        with pytest.raises(WorkersLostError, match=rf"counted from 0: ({numbers[0]}, )?{numbers[1]}\.|none"):
            killed.result(BOUND_S)
        with pytest.raises(WorkersLostError):
            waiting.result(BOUND_S)
        assert 4 == pool.submit(tasks.double, 2).result(BOUND_S)
        assert [4] == pool.map(tasks.double, [2])

    def test_a_lost_call_that_sends_another(self) -> None:
        """It calls back in the thread that ends the broken pool, which cannot wait for itself; new workers do it."""
        again: Queue[Future[int] | RuntimeError] = Queue()

        def send_another(_lost: "Future[Any]") -> None:
            try:
                again.put(made.submit(tasks.double, 4))
            except RuntimeError as problem:
                again.put(problem)

        with opened(METHODS[-1]) as made:
            before = list(made._force.executor._processes.values())  # type: ignore[attr-defined]  # CPython's
            for task, item in ((tasks.sleep_for_ever, 0), (pool_tasks.end_worker, "SIGKILL")):
                made.submit(task, item).add_done_callback(send_another)
            sent = [again.get(timeout=BOUND_S) for _ in range(2)]
            assert [8, 8] == [one.result(BOUND_S) if isinstance(one, Future) else one for one in sent]
        until(lambda: not any(process.is_alive() for process in before))

    def test_an_argument_that_cannot_travel(self, one: Pool) -> None:
        """It is refused at once."""
        with pytest.raises(InputError, match="cannot be pickled"):
            one.submit(tasks.double, tasks.outer())

    def test_what_is_under_way_is_done_when_the_block_ends(self) -> None:
        """Leaving the block waits for calls."""
        with opened(workers=1) as made:
            futures = [made.submit(tasks.nap, 0.05) for _ in range(4)]
        assert [0.05] * 4 == [future.result(0) for future in futures]

    def test_calls_that_are_cancelled_end(self) -> None:
        """When the block raises, nobody waits for ever for a call that will not be made."""
        with pytest.raises(RuntimeError, match="enough"), opened(workers=1) as made:
            futures = [made.submit(tasks.sleep_for_ever, 0) for _ in range(4)]
            raise RuntimeError("enough")
        assert [True] * 4 == [ended(future) for future in futures]

    def test_an_exception_that_takes_no_attributes_ends_its_call(self, one: Pool) -> None:
        """Whatever goes wrong in handing over, the future ends."""
        assert ended(one.submit(pool_tasks.raise_kind, "frozen"))

    def test_prints_that_nobody_takes_end_their_call(self, one: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
        """A closed standard output is no reason to wait for ever."""
        with open("/dev/null", "w", encoding="ascii") as closed:  # noqa: PTH123
            monkeypatch.setattr(sys, "stdout", closed)
        done = ended(one.submit(pool_tasks.print_twice, 5))
        monkeypatch.undo()
        assert done

    def test_idle_workers_that_were_killed_are_replaced(self) -> None:
        """A call after all idle workers were killed is done by new ones."""
        with opened() as made:
            executor = made._force.executor
            for process in list(executor._processes.values()):
                process.kill()
            until(lambda: executor._broken)
            assert 4 == made.submit(tasks.double, 2).result(BOUND_S)


def ended(future: "Future[Any]") -> bool:
    try:
        future.exception(BOUND_S)
    except TimeoutError:
        return False
    except Exception:  # noqa: BLE001  # cancelled
        return True
    return True


class TestBlock:
    def test_a_pool_must_be_open(self) -> None:
        """Before and after its block it refuses work, with how to use it; it may be opened again afterwards."""
        made = parlab.pool(1)
        for _ in range(2):
            for call in (made.map, made.submit):
                with pytest.raises(InputError, match="with parlab.pool"):
                    call(tasks.double, [1])
            with made as same:
                assert same is made
                assert [2] == made.map(tasks.double, [1])

    def test_a_second_entry_is_refused(self, one: Pool) -> None:
        """And does no harm to the first."""
        with pytest.raises(InputError, match="open already"), one:
            pytest.fail("entered")
        assert [2] == one.map(tasks.double, [1])

    @pytest.mark.parametrize("method", METHODS)
    def test_nothing_is_left(self, method: str) -> None:
        """After failures, losses and deadlines: no worker, folder, thread or open file more than before."""
        self.mistreat(method)  # starts what lives as long as this process
        gc.collect()
        before = self.held()
        self.mistreat(method)
        gc.collect()
        until(lambda: self.no_more(self.held(), before))

    @staticmethod
    def held() -> tuple[Any, ...]:
        here = psutil.Process()
        return here.num_fds(), threading.active_count(), len(here.children(recursive=True)), set(folders())

    @staticmethod
    def no_more(now: tuple[Any, ...], before: tuple[Any, ...]) -> bool:
        """Less is fine: what a test before has left may have been ending still."""
        return all(one <= other for one, other in zip(now, before, strict=True))

    @staticmethod
    def mistreat(method: str) -> None:
        with opened(method) as made:
            assert 1 <= len(folders())
            with suppress(ValueError):
                made.map(pool_tasks.raise_kind, ["value"] * 3)
            with suppress(DeadlineError):
                made.map(tasks.sleep_for_ever, [0], deadline_s=0.1)
            made.map(pool_tasks.end_worker, ["a", "SIGKILL"], return_exceptions=True)

    @pytest.mark.parametrize("method", METHODS)
    def test_a_block_that_raises_ends_deaf_workers(self, method: str) -> None:
        """What runs is ended, whatever it does, and the folder is gone."""
        before = folders()
        with pytest.raises(RuntimeError, match="enough"), opened(method) as made:
            workers = set(made.map(pool_tasks.who, range(20)))
            made.submit(pool_tasks.sleep_deaf, 0)
            raise RuntimeError("enough")
        assert [] == [worker for worker in workers if psutil.pid_exists(worker)]
        assert before == folders()

    def test_other_processes_are_not_ended(self) -> None:
        """A failed task ends its pool's workers: neither those of another pool nor the user's own processes."""
        with opened(workers=1) as first, opened(workers=1) as second:
            own = multiprocessing.get_context("spawn").Process(target=tasks.sleep_for_ever, args=(0,))
            own.start()
            (worker,) = second.map(pool_tasks.who, [0])
            with suppress(ValueError):
                first.map(pool_tasks.raise_kind, ["value"])
            alive = own.is_alive()
            own.kill()
            own.join()
            assert alive
            assert [worker] == second.map(pool_tasks.who, [0])


class TestInitializer:
    @pytest.mark.parametrize("method", METHODS)
    def test_it_runs_in_every_worker(self, method: str) -> None:
        """Also in those that replace others."""
        with opened(method, initializer=pool_tasks.remember, initargs=("value",)) as made:
            assert ["value"] * 8 == made.map(pool_tasks.recall, range(8))
            made.map(pool_tasks.end_worker, ["SIGKILL"], return_exceptions=True)
            assert ["value"] * 8 == made.map(pool_tasks.recall, range(8))

    def test_it_runs_in_a_worker_alone(self) -> None:
        """A task that is suspected by mistake finds what the initializer has made."""
        with opened(workers=1, initializer=pool_tasks.remember, initargs=("value",)) as made:
            (found,) = made.map(pool_tasks.recall_or_die, [0], return_exceptions=True)
            assert isinstance(found, LostTaskError)

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize(
        ("how", "kind", "words"),
        [
            ("raises", TaskError, r"raised ValueError: no licence in 2 of 2 workers[\s\S]*in initialise_badly"),
            ("leaves", TaskError, "raised SystemExit: no licence in 2 of 2 workers"),
            ("exits", WorkersLostError, "The initializer ended a worker"),
            ("is killed", WorkersLostError, "The initializer ended a worker"),
        ],
    )
    def test_one_that_fails_is_one_error(self, method: str, how: str, kind: type, words: str) -> None:
        """Nothing opens, nothing stays, and the same pool may be tried again."""
        before = folders()
        with pytest.raises(kind, match=words), opened(method, initializer=pool_tasks.initialise_badly, initargs=(how,)):
            pytest.fail("it opened")
        assert before == folders()

    @pytest.mark.parametrize("method", METHODS[-1:])
    def test_one_that_ends_a_worker_while_another_never_ends(self, method: str, tmp_path: Path) -> None:
        """That one hears no SIGTERM, which is all that Python's own pool does before it waits for it."""
        before, arguments = folders(), (str(tmp_path / "first"),)
        with (
            pytest.raises(WorkersLostError, match="The initializer ended a worker"),
            opened(method, initializer=pool_tasks.initialise_deaf_or_die, initargs=arguments),
        ):
            pytest.fail("it opened")
        assert before == folders()

    @pytest.mark.parametrize("method", METHODS)
    def test_one_that_ends_a_worker_and_leaves_a_child(self, method: str, tmp_path: Path) -> None:
        """The child keeps open what would tell (spawn, fork); the engine is looked after here as well."""
        note = tmp_path / "child"
        with (
            pytest.raises(WorkersLostError, match=r"The initializer ended a worker: lost\(SIGKILL\)"),
            opened(method, 1, initializer=pool_tasks.leave_a_child_and_die, initargs=(str(note),)),
        ):
            pytest.fail("it opened")
        os.kill(int(note.read_text()), signal.SIGKILL)


class TestFindings:
    def test_a_quiet_pool_has_none(self) -> None:
        """Nothing happened, nothing is told."""
        with opened(workers=1) as made:
            made.map(tasks.double, range(4))
            assert () == made.findings

    @pytest.mark.parametrize("method", METHODS)
    def test_workers_that_grow_are_replaced(self, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """With a finding that says how often and what the limit was; nothing is lost."""
        monkeypatch.setattr(memory, "_LOOK_EVERY_S", 0)
        with opened(method, workers=1, memory_limit_bytes=1 << 20) as made:
            found = made.map(pool_tasks.grow_once, range(8))
            assert (8, True) == (len(found), len(set(found)) > 1)
            finding = made.findings[-1]  # fork may have one more, beside other tests' threads
        assert "workers-replaced" == finding.code
        assert "1 MiB" in finding.message
        assert finding.evidence["times"] >= 1

    def test_tasks_that_ran_again_are_told(self, tmp_path: Path) -> None:
        """A worker that was lost without a culprit is a finding with the tasks."""
        with opened(workers=1) as made:
            made.map(tasks.kill_own_worker_once, [(number, str(tmp_path / "mark")) for number in range(5)])
            (finding,) = made.findings
        assert "tasks-ran-again" == finding.code
        assert 3 in finding.evidence["tasks"]

    @pytest.mark.skipif("fork" not in METHODS, reason="no fork here")
    def test_fork_beside_threads_is_warned_of(self) -> None:
        """Once, at the line that opens the pool, and as a finding; without threads or without fork it is not."""
        gate = threading.Event()
        thread = threading.Thread(target=gate.wait)
        thread.start()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            with parlab.pool(1, start_method="fork") as made:
                made.map(tasks.double, [1])
            with parlab.pool(1):
                pass
        gate.set()
        thread.join()
        ours = [one for one in seen if issubclass(one.category, RuntimeWarning)]
        assert [__file__] == [one.filename for one in ours]
        assert "forkserver" in str(ours[0].message)
        assert ["fork-with-threads"] == [finding.code for finding in made.findings]


class TestNesting:
    def test_a_pool_in_a_worker_runs_serially(self, pool: Pool) -> None:
        """One wide, in the same process, with a finding; calls too."""
        for number, found in enumerate(pool.map(pool_tasks.use_pool_inside, range(2))):
            assert (1, [number, number + 1], number, ["nested-parallelism"]) == tuple(found[:4])

    def test_a_task_that_calls_itself_is_stopped(self, one: Pool) -> None:
        """After eight levels, with what to do; no process was started for any."""
        with pytest.raises(InputError, match="inside itself 8 times"):
            one.map(pool_tasks.call_itself_through_a_pool, [1])

    def test_an_initializer_inside(self, one: Pool) -> None:
        """It is called there as well."""
        assert [["value"]] == one.map(pool_tasks.initialise_inside, ["value"])

    def test_a_call_inside_leaves_the_page_of_the_worker(self) -> None:
        """After a task that used a pool, its worker is seen to be idle again."""
        from parlab import logbook

        with opened(workers=1) as made:
            made.map(pool_tasks.submit_inside, [1])
            assert [None] == [entry.task for entry in logbook.read(made._folder)]

    def test_the_outer_pool_knows(self) -> None:
        """That tasks nested is told where somebody can read it."""
        with opened(workers=1) as made:
            made.map(pool_tasks.submit_inside, [1])
            assert ["nested-parallelism"] == [finding.code for finding in made.findings]

    @pytest.mark.skipif("fork" not in METHODS, reason="no fork here")
    def test_prints_of_a_forked_child_are_not_swallowed(
        self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They go where they went, since nobody brings them back."""
        monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # else nothing has to be flushed
        with opened("spawn", workers=1) as made:  # whose workers have the standard output of this test
            made.map(pool_tasks.print_in_a_fork, [1])
        assert "child" in capfd.readouterr().out


INTERRUPTED = """
import signal, multiprocessing, sys
import parlab, pool_tasks
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    with parlab.pool(2, start_method=sys.argv[1]) as workers:
        try:
            workers.map(pool_tasks.interrupt_parent, range(1))
        except KeyboardInterrupt as stopped:
            alive = [child for child in multiprocessing.active_children() if child.is_alive()]
            print(type(stopped).__name__, stopped, len(alive), sep="|")
        print(workers.map(pool_tasks.end_worker, ["again"]))
"""

FORGOTTEN = """
import parlab, tasks
if __name__ == "__main__":
    workers = parlab.pool(2)
    workers.__enter__()
    workers.submit(tasks.sleep_for_ever, 0)
    print(workers._folder)
"""


def script(tmp_path: Path, text: str, *arguments: str) -> list[str]:
    """Run a script as a user would, and return what it has printed when it has ended by itself."""
    path, out = tmp_path / "script.py", tmp_path / "out"
    path.write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(Path(pool_tasks.__file__).parent)}
    with out.open("w") as stream:
        line = [sys.executable, str(path), *arguments]
        subprocess.run(line, stdout=stream, stderr=stream, timeout=BOUND_S, env=environment, check=False)
    return out.read_text().splitlines()


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupt_ends_the_workers(tmp_path: Path, method: str) -> None:
    """It is a KeyboardInterrupt with one line, said when nobody lives any more; and the pool goes on."""
    said = "InterruptedTasksError|Stopped: 0 of 1 tasks were done, and the workers are gone.|0"
    assert [said, "['again']"] == script(tmp_path, INTERRUPTED, method)


def test_a_pool_that_nobody_closes_does_not_keep_its_program(tmp_path: Path) -> None:
    """The program ends though a call runs for ever, and leaves no folder."""
    folder, *_rest = script(tmp_path, FORGOTTEN)
    assert not Path(folder).exists()


@pytest.mark.skipif("fork" not in METHODS, reason="no fork here")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_copy_in_a_forked_worker_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would ever answer there. It is open in workers that came for lost ones."""
    with parlab.pool(1, start_method="fork") as made:
        monkeypatch.setattr(pool_tasks, "shared", made)
        items = [str(tmp_path / "died"), str(tmp_path / "other")]
        done = made.map(pool_tasks.die_once_and_use_the_shared_pool, items, return_exceptions=True, deadline_s=BOUND_S)
    assert ["InputError"] * 2 == [type(one).__name__ for one in done]
    assert "belongs to the process that made it" in str(done[0])


def test_a_call_that_no_thread_can_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not made, and the next one is watched again."""

    def no_more(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with parlab.pool(1) as made:
        made.submit(tasks.double, 1).result(BOUND_S)
        until(lambda: made._calls._idle is None)  # a moment after the result is there
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", no_more)
            with pytest.raises(RuntimeError, match="new thread"):
                made.submit(tasks.double, 2)
        assert 6 == made.submit(tasks.double, 3).result(BOUND_S)
        until(lambda: not made._calls._under_way and made._calls._idle is None)
