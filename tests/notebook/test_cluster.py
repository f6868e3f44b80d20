"""A cluster whose programs are its own: joined by address, killed one by one, counted, and gone whatever happens."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from living import lives

from parlab import groups, temporary
from parlab.backends.dask_workers import there
from parlab.errors import InputError, TrialError
from parlab.notebook import wire
from parlab.notebook.cluster import Cluster, _Program
from parlab.workloads import faraway

GONE_S = 60
KILLED = """
from parlab.notebook.cluster import Cluster
import json, psutil, time
cluster = Cluster(workers=1)
members = [one.pid for one in psutil.Process().children(recursive=True)]
print(json.dumps([members, str(cluster._folder)]), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two workers for all tests here but the last ones, which end it."""
    with Cluster(workers=2) as started:
        yield started


@pytest.fixture
def client(cluster: Cluster):
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as joined:
        yield joined


def test_the_table_says_what_was_typed(cluster: Cluster) -> None:
    """A row for each program, with the command as one would type it, and no path of this machine."""
    table = cluster.table()
    assert ["scheduler", "worker-1", "worker-2"] == list(table.index)
    assert {"runs"} == set(table.state)
    assert "dask scheduler --host 127.0.0.1 --port 0" in table.command["scheduler"]
    assert "dask worker --scheduler-file scheduler.json --nthreads 1" == table.command["worker-1"]
    assert "scheduler  runs   dask scheduler --host 127.0.0.1 --port 0\n" in str(cluster)
    assert cluster.address in cluster.log("worker-1", 50)
    assert str(cluster._folder) not in cluster.log("worker-1", 50)


def test_nobody_else_can_reach_it(cluster: Cluster) -> None:
    """Each of its programs listens on 127.0.0.1 alone."""
    found = {
        connection.laddr.ip
        for one in psutil.Process(cluster._guard.pid).children(recursive=True)
        for connection in one.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {"127.0.0.1"} == found


def test_its_programs_do_not_see_our_folder(cluster: Cluster, client) -> None:
    """A worker has a folder of its own: neither that of the notebook nor another worker's."""
    places = client.run(lambda: str(Path.cwd()))
    assert 2 == len(set(places.values()))
    assert str(Path.cwd()) not in places.values()


def test_every_byte_is_counted_by_its_sender(client) -> None:
    """An argument goes with each task and twice; scattered data once to a worker, and from there to the other."""
    array, places = faraway.make_array(wire.MIB), sorted(there(client))
    pinned = [{"pure": False, "workers": [places[number % 2]]} for number in range(4)]  # else a busy one's are moved
    with wire.counted(client) as each:
        sums = client.gather([client.submit(faraway.part, array, at, 4, **where) for at, where in enumerate(pinned)])
    with wire.counted(client) as once:
        reference = client.scatter(array)
        client.gather([client.submit(faraway.part, reference, at, 4, **where) for at, where in enumerate(pinned)])
    assert sum(sums) == faraway.whole(array)
    assert [4, 4, 0] == [round(each[name], 1) for name in (wire.CLIENT, wire.SCHEDULER, wire.WORKERS)]
    assert (1, 1) == (round(once[wire.CLIENT], 1), round(once[wire.SCHEDULER], 1))
    assert once[wire.WORKERS] < 1.1


def test_counting_ends_with_the_block(client) -> None:
    """What is sent later is not counted, in no process, and Dask is as it was."""
    with wire.counted(client):
        pass
    before = (wire.sent_bytes(), *client.run(wire.sent_bytes).values())
    client.gather(client.map(faraway.whole, [faraway.make_array(80)] * 2, pure=False))
    assert before == (wire.sent_bytes(), *client.run(wire.sent_bytes).values())


def test_a_killed_worker_takes_its_results_along(cluster: Cluster, client) -> None:
    """What it had done, and what it was at, is begun again by others; a new worker joins by the address."""
    futures = client.map(faraway.nap, range(20), topic="test", nap_s=0.1, pure=False)  # not over before we look
    faraway.await_tasks(client, "test", "worker-1", 1)
    cluster.kill("worker-1")
    assert list(range(20)) == client.gather(futures)
    stints = faraway.stints(client, "test")
    own = {stint.task for stint in stints if stint.worker == "worker-1"}
    again = {stint.task for stint in stints if stint.worker == "worker-2"}
    assert len(own) >= 2
    assert own < again
    assert cluster.table().state["worker-1"] != "runs"
    assert "worker-3" == cluster.add_worker()
    assert f"dask worker {cluster.address} --nthreads 1" == cluster.table().command["worker-3"]
    assert 2 == len(there(client))
    with pytest.raises(InputError, match=r"worker-1 has ended already.*worker-2, worker-3"):
        cluster.kill("worker-1")
    with pytest.raises(InputError, match="worker-9"):
        cluster.kill("worker-9")


def test_after_its_end_nothing_is_left(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process, no folder; ending it again does nothing, and it takes no more workers."""
    members = psutil.Process(cluster._guard.pid).children(recursive=True)
    assert len(members) >= 3
    cluster.end()
    monkeypatch.setattr(groups, "end", lambda _guard: pytest.fail("its number may be another group's by now"))
    cluster.end()
    assert [] == list(filter(lives, members))
    assert not cluster._folder.exists()
    assert "<cluster that has ended>" == repr(cluster)
    assert "runs" not in set(cluster.table().state)
    with pytest.raises(TrialError, match="This cluster has ended"):
        cluster.add_worker()


def test_it_ends_with_whoever_started_it() -> None:
    """When that program is killed, as a kernel may be, nobody of the cluster lives on, and its folder is gone."""
    starter = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    members, folder = json.loads(starter.stdout.readline())
    starter.kill()
    starter.wait(GONE_S)
    starter.stdout.close()
    assert len(members) >= 3
    until = time.monotonic() + GONE_S
    while any(map(groups.is_alive, members)) or Path(folder).exists():
        assert time.monotonic() < until, [one for one in members if groups.is_alive(one)]
        time.sleep(0.05)


@pytest.mark.parametrize("workers", [0, -1, 17, 2.0, "two"])
def test_what_is_no_number_of_workers_is_refused(workers) -> None:
    """Before anything is started."""
    with pytest.raises(InputError, match="Give a number from 1 to 16"):
        Cluster(workers=workers)


def test_a_guard_that_fails_takes_everything_along() -> None:
    """Whatever stops it, here an order that is none: nobody whom it has started lives on, and the folder is gone."""
    folder = temporary.new_folder()
    guard = groups.start("parlab.notebook.cluster_guard", arguments=[str(folder)])
    assert guard.stdin is not None
    assert guard.stdout is not None
    guard.stdin.write(b'{"name": "one", "arguments": ["scheduler", "--help"]}\n')
    guard.stdin.flush()
    started = json.loads(guard.stdout.readline())["process"]
    guard.stdin.write(b"what?\n")
    guard.communicate(timeout=GONE_S)
    assert not groups.is_alive(started)
    assert not folder.exists()


def test_nobody_is_killed_by_a_number_that_is_nobodys_any_more() -> None:
    """When the guard is gone, nobody has told of the ends since, and the numbers may be others' by now."""
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(GONE_S)
    left = Cluster.__new__(Cluster)
    left._programs, left._guard = {"worker-1": _Program("dask worker", process=bystander.pid)}, gone
    with pytest.raises(TrialError, match="This cluster has ended"):
        left.kill("worker-1")
    bystander.communicate(b"\n", timeout=GONE_S)
    assert 0 == bystander.returncode


def test_counting_that_cannot_begin_everywhere_ends_here() -> None:
    """A scheduler that is gone leaves Dask in this process as it was."""
    from distributed.comm.tcp import TCP

    class Gone:
        def run(self, _function: object) -> None:
            raise OSError

        run_on_scheduler = run

    before = TCP.write
    with pytest.raises(OSError), wire.counted(Gone()):  # noqa: PT011  # the one above
        pass
    assert before is TCP.write
