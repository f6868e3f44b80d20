"""Several interpreters in one process: what must be true besides what the conformance suite holds for every engine."""

import os
import queue
import sys
import threading
from pathlib import Path

import pytest
import tasks

from parlab import backends
from parlab.backends.base import assemble
from parlab.backends.interpreters import InterpretersBackend
from parlab.backends.meeting import InterpreterSemaphore
from parlab.errors import BackendUnavailableError, InputError
from parlab.measure.job import Measured, Order
from parlab.measure.runner import run_trial
from parlab.records import Configuration, Sweep
from parlab.workloads import customers, primes

HERE = InterpretersBackend().availability() is None
only_where_it_runs = pytest.mark.skipif(not HERE, reason=str(InterpretersBackend().availability()))
BOUND_S = 60.0


def trial(name: str, backend: str, workers: int, **more) -> Measured:
    """Run one trial of a small workload."""
    sweep = Sweep(name, "4", 4, (backend,), (workers,), 1, None, seed=1)
    role = "serial" if backend == "serial" else "parallel"
    order = Order(sweep, Configuration(role, backend, workers), os.getpid(), sys.path, check=True, **more)
    return run_trial(order, BOUND_S, queue.SimpleQueue())


def test_it_runs_from_python_3_14_on() -> None:
    """Available exactly there; elsewhere the reason names both versions and what to use instead."""
    reason = InterpretersBackend().availability()
    assert (sys.version_info >= (3, 14)) == (reason is None)
    if reason is not None:
        assert "it needs Python 3.14 or newer" in reason
        assert sys.version.split()[0] in reason
        assert "use processes, or upgrade" in reason


def test_an_older_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no silent fallback to threads or processes."""
    monkeypatch.setattr("parlab.backends.interpreters.FIRST_PYTHON", (4, 2))
    with pytest.raises(BackendUnavailableError, match=r"'interpreters' cannot run here: it needs Python 4.2 or newer"):
        backends.require("interpreters")


@only_where_it_runs
def test_a_trial_gives_the_loops_answer() -> None:
    """Spans tell of every task, workers are as many as asked for, and CPU time is counted by worker."""
    loop = trial("primes", "serial", 1)
    found = trial("primes", "interpreters", 2, expected=loop.fingerprint)
    assert loop.fingerprint == found.fingerprint
    assert 2 == len({worker.thread for worker in found.crew})
    assert 1 == len({worker.process for worker in found.crew})
    assert found.spans is not None
    assert [0, 1, 2, 3] == sorted(found.spans["task"])
    # One CPU clock for all would count what both did for each of them: never more CPU time than time, for a thread.
    assert all(
        cpu_s <= finished_s - started_s + 0.01
        for cpu_s, started_s, finished_s in zip(
            *(found.spans[name] for name in ("cpu_s", "started_s", "finished_s")), strict=True
        )
    )


@only_where_it_runs
def test_a_module_that_cannot_be_loaded_there_is_named() -> None:
    """numpy cannot: the error names the task's module, the reason and what to use, before anything is timed."""
    text = r"'parlab.workloads.simulation' cannot be imported into a subinterpreter: .*numpy.*use processes or threads"
    with pytest.raises(InputError, match=text):
        trial("simulation", "interpreters", 2)


@only_where_it_runs
def test_what_a_task_imports_late_is_asked_for_too() -> None:
    """customers imports pandas inside its task: that is refused by name as well, and not left to fail in the middle."""
    text = r"'parlab.workloads.customers' cannot be imported into a subinterpreter: .*use processes or threads"
    with pytest.raises(InputError, match=text):
        InterpretersBackend().admit(customers.tally)


@only_where_it_runs
@pytest.mark.parametrize("task", [tasks.double, primes.count_primes, os.getpid])
def test_tasks_of_other_modules_are_admitted(task) -> None:
    """A module of the user's, one of parlab's and one of Python's own are fine."""
    InterpretersBackend().admit(task)


@only_where_it_runs
def test_a_user_module_in_the_current_folder_is_found(command, tmp_path: Path) -> None:
    """Interpreters look where the parent looks, with keyword arguments and under a partial too."""
    (tmp_path / "mine.py").write_text("def work(n, times=1):\n    return n * times\n")
    done = command(
        "bench", "mine:work", "--items", "4", "--kwargs", '{"times": 3}', "--backends", "interpreters",
        "--workers", "2", "--rounds", "1", "--output", "out.jsonl",
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert "interpreters" in done.stdout


@only_where_it_runs
def test_a_refused_module_ends_the_sweep_before_it_begins(command, tmp_path: Path) -> None:
    """Exit code 2, one message, no file."""
    done = command("bench", "simulation", "--size", "2", "--backends", "interpreters", "--output", "out.jsonl")
    assert 2 == done.returncode
    assert "Leave out the backend interpreters" in done.stderr
    assert "Traceback" not in done.stderr
    assert [] == list(tmp_path.iterdir())


@only_where_it_runs
def test_interpreters_and_threads_are_gone_after_the_block() -> None:
    """A closed pool leaves neither."""
    from concurrent import interpreters

    before, known = set(threading.enumerate()), len(interpreters.list_all())
    backend = backends.get("interpreters")
    backend.prepare()
    with backend.open(3) as executor:
        assemble(executor, 3)
        assert known + 3 == len(interpreters.list_all())
    assert (set(), known) == (set(threading.enumerate()) - before, len(interpreters.list_all()))


@only_where_it_runs
def test_the_semaphore_counts() -> None:
    """It is taken as often as it was released, and then waits no longer than told."""
    semaphore = InterpreterSemaphore(1)
    semaphore.release()
    assert [True, True, False] == [semaphore.acquire(timeout=0.01) for _ in range(3)]
    thread = threading.Thread(target=semaphore.release)
    thread.start()
    assert semaphore.acquire(timeout=BOUND_S)
    thread.join()
