"""A Dask cluster of others, of real processes: checked, chosen from, used, left as it was; and what if it goes away."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import dask_tasks
import pytest
import tasks
from clusters import BOUND_S, Cluster, cluster
from sweeps import measure

import parlab
from parlab import backends
from parlab.analysis.summary import summarise
from parlab.backends import dask_guests
from parlab.backends.base import on_every_worker
from parlab.backends.dask_checks import differences
from parlab.backends.dask_guests import choose, connected
from parlab.backends.dask_worker import GUESTS_THREAD
from parlab.backends.dask_workers import there
from parlab.errors import BackendUnavailableError, InputError, WorkersLostError
from parlab.measure.request import Request, make_job
from parlab.measure.session import Session
from parlab.results import read

WORKERS = 2


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler whose workers come later."""
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def test_a_cluster_without_workers_says_how_to_start_some(bare: Cluster) -> None:
    """The scheduler answers, and the text has the command that is missing."""
    bare.wait_for(0)
    late_s = time.monotonic() + BOUND_S
    while "no workers" not in (reason := str(backends.get(bare.spec).availability())):
        assert time.monotonic() < late_s, f"{reason}\n{bare.logs()}"
        time.sleep(0.1)  # the scheduler comes up
    assert f"dask worker {bare.address}" in reason


@pytest.fixture(scope="module")
def others(bare: Cluster) -> Cluster:
    """The same with two workers, one of which would run three tasks at once. They do not find the user's modules."""
    bare.add_worker()
    bare.add_worker(threads=3)
    bare.wait_for(WORKERS)
    return bare


def what_may_change(client) -> dict:
    """Look at what a guest changes in workers."""

    def state(dask_worker=None):  # in here, so that it travels by value
        return sorted(dask_worker.executors), os.environ.get("OMP_NUM_THREADS")

    return client.run(state)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's, in one file that only this process finds."""
    (tmp_path / "mine_alone.py").write_text("def double(number):\n    return 2 * number\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "mine_alone:double"


def test_a_sweep_takes_the_workers_that_are_there(others: Cluster, mine: str, tmp_path: Path) -> None:
    """Worker counts come from the cluster, the task's module is sent there, and nothing of ours is left in it."""
    with connected(others.address) as client:
        before = what_may_change(client)
    results, _ = measure(
        tmp_path / "sweep.jsonl", subject=mine, items=range(8), backends=[others.spec], workers=None, rounds=1
    )
    assert (1, 2) == results.header.sweep.workers
    trials = [one for one in results.records if one.role == "parallel"]
    assert ["ok", "ok"] == [one.outcome for one in trials]
    assert {1, 2} == {len(one.crew) for one in trials}
    assert {process.pid for process in others.processes[1:]} == {one.process for two in trials for one in two.crew}
    with connected(others.address) as client:
        assert before == what_may_change(client)
        assert WORKERS == len(dask_guests.running(client))


def test_a_worker_runs_one_task_at_a_time(others: Cluster) -> None:
    """Two workers are two threads, however many threads Dask gave to one of them, with the limits of this trial."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "3")
        with backends.get(others.spec).open(WORKERS) as executor:
            # Each is asked once, as who gets which of many short tasks is Dask's choice; no third thread turns up then.
            asked = {one.result for one in on_every_worker(executor, WORKERS, tasks.who, None)}
            seen = {one.result() for one in [executor.submit(tasks.who, 0) for _ in range(24)]}
            assert WORKERS == len(asked | seen)
            limits = [executor.submit(dask_tasks.variables, ["OMP_NUM_THREADS"]) for _ in range(8)]
            assert [{"OMP_NUM_THREADS": "3"}] * 8 == [one.result() for one in limits]


def test_a_smaller_count_is_part_of_a_larger_one() -> None:
    """Subsets are nested and the same each time, and hosts are taken in turn."""
    there = {"tcp://b:2": "b", "tcp://a:1": "a", "tcp://a:2": "a", "tcp://b:1": "b", "tcp://a:3": "a"}
    assert ["tcp://a:1", "tcp://b:1", "tcp://a:2", "tcp://b:2", "tcp://a:3"] == choose(there, 5)
    assert [choose(there, 5)[:count] for count in range(6)] == [choose(there, count) for count in range(6)]


def test_only_chosen_workers_work(others: Cluster) -> None:
    """One of two: the other one gets no task, though it has nothing to do."""
    with backends.get(others.spec).open(1) as executor:
        seen = {one.result() for one in [executor.submit(tasks.who, 0) for _ in range(12)]}
        info = there(executor.client)
    assert 1 == len(seen)
    assert 1 == len(executor.chosen)
    assert executor.chosen[0] in info


def test_more_workers_than_there_are(others: Cluster, tmp_path: Path) -> None:
    """The error has the number that is there; nothing has been started or written."""
    request = Request(
        subject="primes", backends=[others.spec], workers=[1, WORKERS + 1], output=tmp_path / "sweep.jsonl"
    )
    with pytest.raises(InputError, match=rf"has {WORKERS} workers, fewer than {WORKERS + 1}"):
        make_job(request, parlab.detect())
    with pytest.raises(WorkersLostError, match=f"has {WORKERS} workers now"), backends.get(others.spec).open(9):
        pass


def test_a_package_that_is_missing_there_is_refused(
    others: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of a package cannot be sent alone; the text says which workers lack it, and what to do."""
    (tmp_path / "packed_away").mkdir()
    (tmp_path / "packed_away" / "__init__.py").touch()
    (tmp_path / "packed_away" / "inner.py").write_text("def same(number):\n    return number\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    from packed_away.inner import same

    with pytest.raises(InputError, match=r"(?s)127\.0\.0\.1.*cannot import 'packed_away.inner'.*Install"):
        backends.get(others.spec).admit(same)


def test_a_module_that_does_not_work_there_is_refused(
    others: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that imports what only this machine has says so, by name."""
    (tmp_path / "only_here.py").write_text("")
    (tmp_path / "needs_more.py").write_text("import only_here\ndef same(number):\n    return number\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    from needs_more import same

    with pytest.raises(InputError, match=r"(?s)'needs_more'.*cannot be imported there.*only_here.*Install"):
        backends.get(others.spec).admit(same)


def test_other_versions_are_refused(others: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs between here and there is named with both versions; it is known before anything runs."""
    import distributed  # not above: it changes how all exceptions of this process are pickled

    here = distributed.versions.get_versions(["parlab"])
    here["packages"]["distributed"] = "1.0"
    monkeypatch.setattr(distributed.client.version_module, "get_versions", lambda **_: here)
    with pytest.raises(BackendUnavailableError, match=r"(?s)distributed is 1\.0 here, the scheduler has 20"):
        backends.require(others.spec)


def test_versions_are_compared_where_they_matter() -> None:
    """Python by its first two numbers; parlab that is missing there; other packages not at all."""
    here = {"python": "3.11.7.final.0", "parlab": "1", "dask": "2", "numpy": "2.0"}
    same = {"w": {"python": "3.11.9.final.0", "parlab": "1", "dask": "2", "numpy": "1.0"}}
    assert [] == list(differences(here, same))
    other = {"w": {"python": "3.12.0.final.0", "parlab": None, "dask": "2"}}
    assert ["python is 3.11 here, w has 3.12", "parlab is 1 here, w has none"] == list(differences(here, other))


@pytest.mark.parametrize("kind", ["refused", "silent", "talks something else", "unknown host"])
def test_where_no_scheduler_answers(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bounded time, with the address and what to do; no client stays behind."""
    monkeypatch.setattr(dask_guests, "_CONNECT_S", 0.5)
    monkeypatch.setattr(dask_guests, "_ANSWER_S", 0.5)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        if kind != "refused":
            listening.listen()
        if kind == "talks something else":
            threading.Thread(target=_talk, args=(listening,), daemon=True).start()
        host = "no-such-host.invalid" if kind == "unknown host" else "127.0.0.1"
        with pytest.raises(
            BackendUnavailableError, match=rf"(?s)no Dask scheduler answers at tcp://{host}:{port}.*dask"
        ):
            backends.require(f"dask:tcp://{host}:{port}")
    assert not [one for one in threading.enumerate() if "IO loop" in one.name]


def _talk(listening: socket.socket) -> None:
    with suppress(OSError), socket.socket.accept(listening)[0] as one:  # who asked may have given up
        one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 4)
        time.sleep(2)


def test_a_worker_that_is_killed_in_a_sweep_is_shown(others: Cluster, tmp_path: Path) -> None:
    """Its tasks run again elsewhere and the trial is marked; trials that lack a worker say so; the sweep goes on."""
    notes = tmp_path / "notes"
    notes.mkdir()
    request = Request(
        subject=dask_tasks.note_and_nap,
        items=range(12),
        kwargs={"folder": str(notes)},
        backends=[others.spec],
        workers=[2],
        rounds=2,
        output=tmp_path / "sweep.jsonl",
    )
    victim = others.add_worker()
    others.wait_for(WORKERS + 1)
    os.killpg(others.processes[1].pid, signal.SIGKILL)  # so that the victim is one of two
    others.wait_until_gone(WORKERS)
    with Session(make_job(request, parlab.detect())) as session:
        killed, before = False, set[Path]()
        for event in session.events():
            if (
                not killed
                and event["event"] == "running"
                and event["stage"] == "round 1"
                and "2 workers" in event["label"]
            ):
                _kill_at_work(victim.pid, notes, before)
                killed = True
            before = set(notes.iterdir())  # this trial's notes come after the one before it
    results = read(tmp_path / "sweep.jsonl")
    assert killed
    assert "rounds" == results.ended
    wide = [one for one in results.records if (one.role, one.workers) == ("parallel", 2)]
    assert ["recovered", "lost"] == [one.outcome for one in wide]
    assert wide[0].rerun
    assert "has 1 worker now, and 2 are needed" in str(wide[1].message)
    codes = {one.code for one in summarise(results).findings}
    assert {"recovered", "lost"} <= codes


def _kill_at_work(process: int, notes: Path, before: set[Path]) -> None:
    """Wait until a worker has begun tasks that it had not begun before, and kill it."""
    deadline = time.monotonic() + BOUND_S
    while time.monotonic() < deadline:
        if sum(path.name.startswith(f"{process}-") for path in set(notes.iterdir()) - before) >= 3:
            os.kill(process, signal.SIGKILL)
            return
        time.sleep(0.01)
    raise AssertionError("the worker got no task")


def test_a_scheduler_that_goes_away_ends_the_work(others: Cluster) -> None:
    """What waits is told so in bounded time, and the block can be left."""
    with backends.get(others.spec).open(1) as executor:
        waiting = executor.submit(tasks.nap, 600)
        executor.submit(tasks.double, 1)
        others.scheduler.kill()
        with pytest.raises(WorkersLostError, match=r"scheduler tcp://.* does not answer any more"):
            waiting.result(60)
    assert GUESTS_THREAD == "parlab"
    with pytest.raises(BackendUnavailableError, match="no Dask scheduler answers"):
        backends.require(others.spec)
