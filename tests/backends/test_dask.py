"""A Dask cluster of our own: what it opens, what it costs nobody, and what becomes of it when workers are lost."""

import errno
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from functools import partial
from pathlib import Path

import dask_tasks
import psutil
import pytest
import tasks
from living import lives
from sweeps import measure, wait_until

from parlab import backends
from parlab.backends.base import on_every_worker
from parlab.backends.dask_executor import DaskExecutor
from parlab.backends.dask_workers import there
from parlab.backends.workforce import Workforce
from parlab.errors import InputError, LostTaskError, WorkersLostError
from parlab.messages import Message
from parlab.trace import Envelope

LIMITS = {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3"}


@pytest.fixture(scope="module")
def opened():
    """A cluster of two workers, started by a process that limits BLAS to three threads."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LIMITS.items():
            patch.setenv(name, value)
        with backends.get("dask").open(2) as executor:
            yield executor


def listeners() -> list:
    found = []
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        with suppress(psutil.Error):  # another test's child may end while we look
            found += [one.laddr for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
    return found


def test_only_an_asked_for_dashboard_is_shown() -> None:
    """``dask:dashboard`` serves pages, on this machine alone. (It comes before ``opened``, which serves none.)"""
    with backends.get("dask:dashboard").open(1) as executor:
        port = executor.client.scheduler_info()["services"]["dashboard"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
            assert 200 == answer.status
        assert {"127.0.0.1"} == {one.ip for one in listeners()}


def test_nobody_listens_but_on_this_machine(opened) -> None:
    """Scheduler, nannies and workers listen on 127.0.0.1 alone, and none on the dashboard's port."""
    found = listeners()
    assert {"127.0.0.1"} == {one.ip for one in found}
    assert 8787 not in {one.port for one in found}


def test_no_page_is_served(opened) -> None:
    """Whatever speaks HTTP in there has no page, with nothing about tasks or workers."""
    info = opened.client.scheduler_info()
    port = info["services"]["dashboard"]
    for page in ("status", "health", "info/main/workers.html", "json/counts.json", "metrics"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=60)


def test_workers_are_set_up_as_all_others(opened) -> None:
    """Each has one thread, the limits for BLAS that the trial has, and knows that it is a worker."""
    names = [*LIMITS, "PARLAB_INSIDE_WORKER"]
    answers = on_every_worker(opened, 2, dask_tasks.variables, names)
    assert [{**LIMITS, "PARLAB_INSIDE_WORKER": "1"}] * 2 == [one.result for one in answers]
    assert [1, 1] == [one["nthreads"] for one in there(opened.client).values()]


def test_what_the_client_hears_meanwhile_hides_no_worker(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short form without workers, which the client asks for every two seconds, is no answer to our question."""
    told = opened.client.sync(opened.client.scheduler.identity, n_workers=0)
    assert {} == told["workers"]
    monkeypatch.setattr(
        type(opened.client), "_scheduler_identity", property(lambda _: told, lambda *_: None), raising=False
    )
    assert 2 == len(there(opened.client))
    monkeypatch.setattr(opened.client, "scheduler", None)
    assert {} == there(opened.client)


def test_equal_tasks_run_each(opened) -> None:
    """The same function with the same item is called as often as it is submitted, by submit and by map."""
    assert 6 == len({one.result() for one in [opened.submit(tasks.clock, 0) for _ in range(6)]})
    assert 6 == len(set(opened.map(tasks.clock, [0] * 6)))


def test_names_that_mean_something_to_dask_reach_the_task(opened) -> None:
    """Keyword arguments belong to the function, also those that ``Client.submit`` has as well."""
    assert {"workers": 1, "key": 2, "pure": 3} == opened.submit(dict, workers=1, key=2, pure=3).result()


@pytest.mark.parametrize("size_bytes", [2_000_000])
def test_what_all_tasks_need_goes_to_each_worker_once(opened, tmp_path: Path, size_bytes: int) -> None:
    """A function that holds much data is rebuilt once in each worker, not with each of twenty tasks."""
    function = dask_tasks.Counted(str(tmp_path), bytes(size_bytes))
    values = [one.result() for one in [opened.submit(function, number) for number in range(20)]]
    assert [number + size_bytes for number in range(20)] == values
    here = {path.name.partition("-")[0] for path in tmp_path.iterdir()} - {str(os.getpid())}
    assert 2 >= len(here)
    time.sleep(3)  # in which a scheduler would drop a copy that no task waits for
    assert 6 == len([one.result() for one in [opened.submit(function, number) for number in range(6)]])
    rebuilt = [path for path in tmp_path.iterdir() if path.name.partition("-")[0] in here]
    assert len(here) == len(rebuilt)


def test_large_items_come_whole(opened) -> None:
    """Data that is scattered arrives as it was, as an item and in a chunk."""
    data = [os.urandom(1_500_000) for _ in range(3)]
    assert data == [one.result() for one in [opened.submit(bytes, one) for one in data]]
    assert data == list(opened.map(bytes, data, chunksize=2))


def test_data_goes_to_those_who_are_there_when_one_has_just_gone(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler fails with an address that it knows no more: the next look has the others. Nobody: the end."""
    here = opened._addresses()
    looks = iter([[*here, "tcp://127.0.0.1:1"], here])
    monkeypatch.setattr(opened, "_addresses", lambda: next(looks, here))
    data = os.urandom(1_500_000)
    assert data == opened.submit(bytes, data).result()
    monkeypatch.setattr(opened, "_addresses", lambda: ["tcp://127.0.0.1:1"])
    monkeypatch.setattr("parlab.backends.dask_executor.START_TIMEOUT_S", 0.0)
    with pytest.raises(BrokenExecutor, match="No Dask worker took the data"):
        opened.submit(bytes, data)


def test_a_replacement_that_is_lost_as_well_is_not_waited_for(opened) -> None:
    """Who comes for a lost worker can be lost before it has said who it is; the others' answers are there."""
    (first, *_) = sorted(there(opened.client))
    answers = opened._asked([first, "tcp://127.0.0.1:1"], None, None, may_go=True)
    assert 1 == len(answers)
    with pytest.raises(BrokenExecutor, match=r"tcp://127\.0\.0\.1:1 was lost"):  # where nobody may be missing
        opened._asked([first, "tcp://127.0.0.1:1"], None, None)
    assert not opened._pending  # else the end would wait for an answer that nobody gives


def test_workers_that_are_all_paused_are_given_up(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody takes tasks and nobody runs one, it says so; while one still runs, it may give memory back."""
    monkeypatch.setattr("parlab.backends.dask_executor._PAUSED_S", 0.0)

    def paused(executing: int) -> dict:
        return {"tcp://a:1": {"status": "paused", "metrics": {"task_counts": {"executing": executing}}}}

    monkeypatch.setattr("parlab.backends.dask_executor.there", lambda _client: paused(1))
    opened.release_stuck()
    opened.release_stuck()
    monkeypatch.setattr("parlab.backends.dask_executor.there", lambda _client: paused(0))
    opened.release_stuck()
    with pytest.raises(WorkersLostError, match=r"paused.*tcp://a:1.*--memory-limit"):
        opened.release_stuck()


def test_a_cluster_that_stays_empty_is_given_up(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask starts new workers by itself; where none comes for long, the trial ends and says so."""
    monkeypatch.setattr("parlab.backends.dask_executor.START_TIMEOUT_S", 0.0)
    monkeypatch.setattr("parlab.backends.dask_executor.there", lambda _client: {})
    opened.release_stuck()
    with pytest.raises(WorkersLostError, match="All 2 Dask workers were lost"):
        opened.release_stuck()
    monkeypatch.undo()
    opened.release_stuck()


def test_the_orderly_end_waits_only_while_something_can_come(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was submitted is waited for; where every worker has gone for good, the end says so instead."""
    executor = DaskExecutor(opened.client, 2)
    slow = executor.submit(time.sleep, 0.5)
    executor.shutdown()
    assert slow.done()
    monkeypatch.setattr("parlab.backends.dask_executor.START_TIMEOUT_S", 0.0)
    monkeypatch.setattr("parlab.backends.dask_executor._LOOK_AFTER_S", 0.01)
    monkeypatch.setattr("parlab.backends.dask_executor.there", lambda _client: {})
    executor._pending.add(Future())
    with pytest.raises(WorkersLostError, match="All 2 Dask workers were lost"):
        executor.shutdown()


def delivered(force: Workforce, function, count: int, chunksize: int = 1) -> dict[int, object]:
    """Get tasks done in envelopes: the value, or the error, by task."""
    envelope = Envelope(function, shares_process=False, carrier="code")
    messages = [
        Message(first, list(range(first, min(first + chunksize, count)))) for first in range(0, count, chunksize)
    ]
    found = {}
    for message, delivery in force.deliver(envelope, messages, envelope.packed):
        for place, task in enumerate(range(message.first, message.first + len(message.items))):
            found[task] = delivery.error or delivery.result.values[place]
    return found


def test_a_lost_worker_is_replaced_and_its_tasks_run_again(tmp_path: Path) -> None:
    """All results are there, what ran again is known, and so is the worker that came instead, however late."""
    import dask  # not above: it changes how all exceptions of this process are pickled

    at_once = {"distributed.deploy.lost-worker-timeout": "1 ms"}  # as after 15 s on a busy machine
    with dask.config.set(at_once), Workforce(backends.get("dask"), 1) as force:
        found = delivered(force, partial(dask_tasks.kill_once, folder=str(tmp_path)), 6)
    assert list(range(6)) == sorted(found)
    assert not any(isinstance(one, Exception) for one in found.values())
    assert 3 in force.rerun
    assert 2 == len({one.process for one in force.crew})


def test_a_task_that_ends_every_worker_is_named() -> None:
    """Only that task is lost; those in its message and those beside it are not blamed."""
    import dask  # not above: it changes how all exceptions of this process are pickled

    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), Workforce(backends.get("dask"), 1) as force:
        found = delivered(force, dask_tasks.kill_always, 6, chunksize=2)
    assert {3} == {task for task, one in found.items() if isinstance(one, Exception)}
    assert isinstance(found[3], LostTaskError)
    assert "lost(KilledWorker)" == found[3].how
    assert "fewer workers" in str(found[3])


def test_a_full_shared_memory_is_told_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nanny finds no room for its semaphores, and Dask says only that it did not start."""

    def full(*_arguments: object, **_keywords: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", full)
    with pytest.raises(WorkersLostError, match=r"No space left.* /dev/shm: .*--shm-size"):
        Workforce(backends.get("dask"), 1).__enter__()


def test_a_sweep_with_dask(tmp_path: Path) -> None:
    """Checked answers, spans of both workers in their places in time, no dead worker taken for a live one."""
    results, events = measure(tmp_path / "sweep.jsonl", backends=["dask"], workers=[2], items=range(8))
    (trial,) = [one for one in results.records if one.role == "parallel"]
    assert ("ok", 2, 8) == (trial.outcome, len(trial.crew), len(trial.spans["task"]))
    assert "trial" == events[-1]["event"]
    rows = zip(*(trial.spans[name] for name in ("submitted_s", "started_s", "finished_s", "received_s")), strict=True)
    assert all(list(row) == sorted(row) for row in rows)


HOLDS = """
from parlab import backends
if __name__ == "__main__":
    with backends.get("dask").open(1) as executor:
        print(executor.submit(int).result(), flush=True)
        input()
"""


def test_workers_end_with_a_killed_trial(tmp_path: Path) -> None:
    """A process that is killed takes its Dask workers along, though it can tell nobody."""
    variables = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", HOLDS], stdin=-1, stdout=-1, env=variables) as process:
        assert b"0\n" == process.stdout.readline()
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
    assert workers
    wait_until(lambda: not any(map(lives, workers)))


@pytest.mark.parametrize(
    "option", ["", "8786", "tcp://", "tcp://host", "tcp://host:x", "tcp://host:0", "http://host:80", "tcp://h:1/path"]
)
def test_what_is_no_address_is_refused(option: str) -> None:
    """Before anything is started, with the ways to write it."""
    with pytest.raises(InputError, match=r"dask:tcp://127\.0\.0\.1:8786"):
        backends.get(f"dask:{option}")


def test_an_engine_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The install line names the extra."""
    monkeypatch.setattr("parlab.backends.dask.find_spec", lambda _name: None)
    for spec in ("dask", "dask:tcp://127.0.0.1:8786"):
        assert "pip install 'parlab[dask]'" in str(backends.get(spec).availability())


@pytest.mark.parametrize(
    ("said", "told"),
    [("Timed out trying to connect after 30 s", "In truth it was 0.0 s.*clock"), ("No room", "^No room$")],
)
def test_a_timeout_that_came_too_early_names_the_clock(monkeypatch: pytest.MonkeyPatch, said: str, told: str) -> None:
    """Dask's deadlines go by the clock that anybody may set: whose start it ended is told so; another error stays."""
    from parlab.backends import dask_cluster

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr(dask_cluster, "_local_cluster", fails)
    with pytest.raises((TimeoutError, RuntimeError), match=told), dask_cluster.started(1, dashboard=False):
        pass
