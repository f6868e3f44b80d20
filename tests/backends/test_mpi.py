"""MPI: the conformance suite in jobs of mpiexec, whole trials under it, and how they end."""

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import tasks
from living import lives

from parlab import backends
from parlab.errors import InputError, TrialError
from parlab.measure import payload
from parlab.measure.child import STOP, StoppedError
from parlab.measure.job import Measured, Order
from parlab.measure.payload import Payload
from parlab.measure.runner import TrialLostError, run_trial
from parlab.records import Configuration, Sweep
from parlab.temporary import private_folder

MISSING = backends.get("mpi").availability()
only_where_it_runs = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
SUITE = Path(__file__).with_name("test_conformance.py")
DEADLINE_S = 300.0


def run(function, items, workers=2, inbox=None, started: Callable[[str], None] | None = None) -> Measured:
    """Run one trial under mpiexec, in the way the supervisor does."""
    sweep = Sweep(f"{function.__module__}:{function.__qualname__}", None, len(items), ("mpi",), (workers,), 1, None)
    path, _ = payload.write(Payload(items))
    try:
        with private_folder() as folder:
            order = Order(
                sweep, Configuration("parallel", "mpi", workers), os.getpid(), sys.path, str(path), check=True
            )
            if started is not None:
                threading.Thread(target=started, args=(str(folder),), daemon=True).start()
            return run_trial(replace(order, logbook=str(folder)), DEADLINE_S, inbox or queue.SimpleQueue())
    finally:
        payload.remove(str(path))


@pytest.fixture(autouse=True)
def _nothing_left():
    """After each test no process of the job lives, and its segments and folders are gone."""
    places = [Path("/dev/shm"), Path(tempfile.gettempdir())]  # noqa: S108  # looked at

    def theirs() -> set[Path]:
        names = re.compile(r"sm_segment\.|vader_segment\.|ompi\.|prte\.|pmix")
        return {path for place in places if place.is_dir() for path in place.iterdir() if names.match(path.name)}

    before, others = theirs(), {one.pid for one in psutil.Process().children(recursive=True)}
    yield
    new = [one for one in psutil.Process().children(recursive=True) if one.pid not in others]
    below = []
    for one in filter(lives, new):
        with suppress(psutil.NoSuchProcess):  # it may end while we look
            below.append(one.name())
    assert [] == [name for name in below if "mpi" in name or "prte" in name or "python" in name.lower()]
    assert set() == theirs() - before


@only_where_it_runs
def test_it_passes_the_conformance_suite(tmp_path: Path) -> None:
    """Every test of the suite passes in a job of two workers."""
    launch = backends.get("mpi").launch(2, str(tmp_path))
    tests = ["pytest", "-q", "-rA", "--color=no", "-p", "no:xdist", "-p", "no:cacheprovider", str(SUITE), "-k", "mpi"]
    done = subprocess.run(
        [*launch.before, sys.executable, "-m", *launch.through, *tests],
        env={**os.environ, **launch.environment},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        cwd=SUITE.parents[2],
        check=False,
    )
    passed = set(re.findall(r"PASSED \S+::(\w+)\[mpi\]", done.stdout))
    wanted = set(re.findall(r"def (test_\w+)\(spec", SUITE.read_text())) - {
        "test_an_exception_in_the_block_ends_the_workers"  # a job ends as a whole: below
    }
    assert wanted == passed, done.stdout + done.stderr


@only_where_it_runs
def test_a_trial_is_started_by_mpiexec(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are other processes and listen nowhere, the start counts from mpiexec, and every task has its times."""
    monkeypatch.setattr("time.time", lambda: 0.0)  # somebody sets the clock of this machine: nothing may count by it
    found = run(tasks.listen_nowhere, list(range(6)))
    assert "mpiexec" == found.start_method
    assert 2 == len({worker.process for worker in found.crew})
    assert 0.05 < found.open_s < DEADLINE_S  # the start of three Pythons
    assert [] == list(found.failures)
    assert list(range(6)) == sorted(found.spans["task"])
    rows = zip(*(found.spans[name] for name in ("submitted_s", "started_s", "finished_s", "received_s")), strict=True)
    assert all(list(row) == sorted(row) for row in rows)


@only_where_it_runs
def test_a_lost_worker_ends_the_job() -> None:
    """The trial is lost, and the text has the task that had been begun."""
    with pytest.raises(TrialLostError, match=r"Tasks that had been begun: (0, )?1"):
        run(tasks.kill_own_worker, [1, 3])


@only_where_it_runs
def test_a_stop_ends_the_job_and_all_its_processes() -> None:
    """Whoever works for an hour is gone, though mpiexec gives each process a group of its own."""
    inbox: queue.SimpleQueue = queue.SimpleQueue()

    def stop_when_begun(folder: str) -> None:
        from parlab import logbook

        while not any(entry.task is not None for entry in logbook.read(folder)):
            threading.Event().wait(0.05)
        inbox.put(STOP)

    with pytest.raises(StoppedError):
        run(tasks.sleep_for_ever, [1, 2], inbox=inbox, started=stop_when_begun)


@only_where_it_runs
def test_more_workers_than_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who allows mpiexec no more than its slots gets an error that says so, before anything runs."""
    monkeypatch.setenv("PRTE_MCA_rmaps_default_mapping_policy", ":nooversubscribe")  # Open MPI 5
    monkeypatch.setenv("OMPI_MCA_rmaps_base_oversubscribe", "0")  # Open MPI 4
    with pytest.raises((InputError, TrialError), match="mpi, 900 workers: mpiexec has fewer slots"):
        run(tasks.double, [1], workers=900)


def test_shared_memory_without_room_is_understood() -> None:
    """What Open MPI prints then becomes a sentence that says where to make room."""
    printed = "there is not enough space for /dev/shm/sm_segment.vm.0.1 (the shared-memory backing\nfile)."
    said = str(backends.get("mpi").refusal(printed))
    assert [] == [word for word in ("/dev/shm", "--shm-size", "threads") if word not in said]  # noqa: S108  # a text
    assert backends.get("mpi").refusal("Segmentation fault") is None


@only_where_it_runs
def test_outside_of_a_job_it_says_who_starts_one() -> None:
    """A pool in this process cannot be had, and the text gives the command."""
    with pytest.raises(InputError, match=r"mpiexec -n 3 python -m mpi4py.futures"), backends.get("mpi").open(2):
        pass


@pytest.mark.parametrize(
    ("missing", "said"),
    [("find_spec", "mpi4py is not installed: pip install 'parlab.mpi.'"), ("_mpiexec", "no mpiexec .*openmpi-bin")],
)
def test_what_is_missing_is_named(missing: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """mpi4py and mpiexec are two things, and each is asked for."""
    monkeypatch.setattr("parlab.backends.mpi.find_spec", lambda _name: "found")
    monkeypatch.setattr(f"parlab.backends.mpi.{missing}", lambda *_: None)
    assert re.search(said, str(backends.get("mpi").availability()))
